/**
 * Closing snapshots on their way to the store. One that the store cannot take waits in this process and is tried again,
 * at growing intervals; what is waiting is bounded, the oldest given up first.
 *
 * K1 A later write of the same end takes the place of one that waits, and is never overwritten by it.
 * K2 Each snapshot is reported at most twice: as it first fails, and as it is kept after all or given up.
 */
import { writeSnapshotText, type ArtifactStore, type SnapshotPlace } from '../artifacts/index.js';
import { ChatFlowError } from '../core/errors.js';

/**
 * What becomes of a snapshot that could not be written: `waiting` is tried again; `refused` never could be kept;
 * `dropped` was given up: too many wait, or the worker ends. Temporal has the instance until its retention is over.
 */
export type SnapshotFate = 'waiting' | 'refused' | 'dropped';

/** Facts for a log. */
export type SnapshotFailure = Readonly<{ instance_id: string; error: unknown; fate: SnapshotFate }>;

export interface SnapshotReports {
  failed(failure: SnapshotFailure): void;
  /** One that had waited lies in the store. */
  kept?(facts: { readonly instance_id: string; readonly attempts: number }): void;
}

export interface KeeperLimits {
  readonly firstDelayMs: number;
  readonly longestDelayMs: number;
  readonly snapshots: number;
  readonly bytes: number;
}

const LIMITS: KeeperLimits = {
  firstDelayMs: 1000,
  longestDelayMs: 60_000,
  snapshots: 1000,
  bytes: 64 * 1024 * 1024,
};

interface Waiting {
  readonly place: SnapshotPlace;
  readonly text: string;
  readonly bytes: number;
  /** Of the last attempt. */
  error: unknown;
  attempts: number;
}

type Attempt = { readonly written: true } | { readonly written: false; readonly error: unknown };

/** Which end of which run: the key in the store. */
function identify({ tenant_id, instance_id, run_id, ended_at }: SnapshotPlace): string {
  return JSON.stringify([tenant_id, instance_id, run_id, ended_at]);
}

/** Whether the same write can never succeed. */
function isFinal(error: unknown): boolean {
  return error instanceof ChatFlowError && ['InvalidInputError', 'PayloadTooLargeError'].includes(error.type);
}

/** Writes closing snapshots into a store, again and again where it must. */
export class SnapshotKeeper {
  readonly #store: ArtifactStore;
  readonly #reports: SnapshotReports;
  readonly #limits: KeeperLimits;
  /** Oldest first. */
  readonly #waiting = new Map<string, Waiting>();
  #bytes = 0;
  #delayMs: number;
  #timer: NodeJS.Timeout | undefined;
  #round: Promise<void> = Promise.resolve();
  #trying: { readonly id: string; readonly done: Promise<Attempt> } | null = null;

  constructor(store: ArtifactStore, reports: SnapshotReports, limits: Partial<KeeperLimits> = {}) {
    this.#store = store;
    this.#reports = reports;
    this.#limits = { ...LIMITS, ...limits };
    this.#delayMs = this.#limits.firstDelayMs;
  }

  /** Writes a snapshot, or lets it wait; never throws. */
  async keep(place: SnapshotPlace, text: string): Promise<void> {
    const id = identify(place);
    this.#forget(id);
    if (this.#trying?.id === id) await this.#trying.done;
    const attempt = await this.#write(place, text);
    if (attempt.written) return;
    const { error } = attempt;
    const fate = isFinal(error) ? 'refused' : 'waiting';
    this.#reports.failed({ instance_id: place.instance_id, error, fate });
    if (fate === 'waiting')
      this.#wait(id, { place, text, bytes: Buffer.byteLength(text), error, attempts: 1 });
  }

  /** For the end of the worker: tries once more what is left, then gives it up. */
  async flush(): Promise<void> {
    this.#cancelTimer();
    await this.#round;
    this.#cancelTimer();
    await this.#tryAll();
    for (const id of [...this.#waiting.keys()]) this.#giveUp(id, 'dropped');
  }

  async #write(place: SnapshotPlace, text: string): Promise<Attempt> {
    try {
      await writeSnapshotText(this.#store, place, text);
      return { written: true };
    } catch (error) {
      return { written: false, error };
    }
  }

  #wait(id: string, waiting: Waiting): void {
    this.#forget(id);
    this.#waiting.set(id, waiting);
    this.#bytes += waiting.bytes;
    this.#dropOldest();
    this.#schedule();
  }

  #dropOldest(): void {
    const { snapshots, bytes } = this.#limits;
    for (const id of [...this.#waiting.keys()]) {
      if (this.#waiting.size <= snapshots && this.#bytes <= bytes) return;
      this.#giveUp(id, 'dropped');
    }
  }

  #giveUp(id: string, fate: SnapshotFate): void {
    const waiting = this.#forget(id);
    if (waiting === undefined) return;
    this.#reports.failed({ instance_id: waiting.place.instance_id, error: waiting.error, fate });
  }

  #forget(id: string): Waiting | undefined {
    const waiting = this.#waiting.get(id);
    this.#bytes -= waiting?.bytes ?? 0;
    this.#waiting.delete(id);
    return waiting;
  }

  #schedule(): void {
    if (this.#timer !== undefined || this.#waiting.size === 0) return;
    this.#timer = setTimeout(() => {
      this.#round = this.#retry();
    }, this.#delayMs).unref();
  }

  #cancelTimer(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
  }

  async #retry(): Promise<void> {
    const kept = await this.#tryAll();
    const { firstDelayMs, longestDelayMs } = this.#limits;
    this.#delayMs = kept > 0 ? firstDelayMs : Math.min(this.#delayMs * 2, longestDelayMs);
    this.#timer = undefined;
    this.#schedule();
  }

  /** One round over all that wait; returns how many were kept. */
  async #tryAll(): Promise<number> {
    let kept = 0;
    for (const [id, waiting] of [...this.#waiting]) {
      // Dropped, or a later write has taken its place (K1).
      if (this.#waiting.get(id) !== waiting) continue;
      if (await this.#tryAgain(id, waiting)) kept += 1;
    }
    return kept;
  }

  async #tryAgain(id: string, waiting: Waiting): Promise<boolean> {
    const { place, text } = waiting;
    const done = this.#write(place, text);
    this.#trying = { id, done };
    const attempt = await done;
    this.#trying = null;
    waiting.attempts += 1;
    if (this.#waiting.get(id) !== waiting) return attempt.written;
    if (!attempt.written) {
      waiting.error = attempt.error;
      if (isFinal(attempt.error)) this.#giveUp(id, 'refused');
      return false;
    }
    this.#forget(id);
    this.#reports.kept?.({ instance_id: place.instance_id, attempts: waiting.attempts });
    return true;
  }
}
