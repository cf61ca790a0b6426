/** What the driver and a worker's process say to each other over their pipe, and the probe's threads over theirs. */

export interface WorkerSettings {
  readonly address: string;
  readonly max_cached_workflows: number;
  /** Where the product's worker keeps what it writes. */
  readonly data_dir: string;
  /** The code of the workflow written by hand, bundled beforehand as the product's is. */
  readonly bare_bundle: string;
}

/** From the driver. Each is answered by one `done` (or by `heap`). */
export type WorkerCommand =
  | { readonly type: 'start'; readonly settings: WorkerSettings }
  | { readonly type: 'collect_garbage' }
  | { readonly type: 'start_profile' }
  | { readonly type: 'stop_profile'; readonly file_prefix: string }
  | { readonly type: 'stop' };

/** To the driver. */
export type WorkerAnswer =
  | { readonly type: 'done' }
  | { readonly type: 'heap'; readonly used_bytes: number }
  | { readonly type: 'failed'; readonly message: string };

/** Carries the driver's commands to every thread of a worker's process. */
export const PROBE_CHANNEL = 'bench-probe';
