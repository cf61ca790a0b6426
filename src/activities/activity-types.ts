/**
 * The wire shapes of the engine's own activities: types only, so that the workflow imports them without their code.
 * Wire contract: add optional fields, never rename.
 */
import type { HttpMethod } from '../definition/definition.js';
import type { SubtreeReport } from '../core/child-state.js';
import type { InstanceState } from '../core/state.js';
import type { ArtifactRef, HistoryEvent } from '../core/shapes.js';
import type { PreparedDefinition, Snapshot, StartInput } from '../workflows/messages.js';
import type { Json, JsonObject } from '../json/json.js';

export type { PreparedDefinition, Snapshot, StartInput };

/** Which attempt of which task an executor runs for: with the workflow id, its idempotency key. */
export interface AttemptOf {
  readonly task_id?: string;
  readonly attempt?: number;
}

/** The rendered `http` executor. `${secret:NAME}` may still stand in url, headers and body. */
export interface HttpActivityInput extends AttemptOf {
  readonly url: string;
  readonly method?: HttpMethod;
  readonly headers?: JsonObject;
  readonly body?: Json;
  readonly expect_status?: readonly number[];
  /**
   * Names of the secrets that the definition's own text mentions: only these are put in, so that data which happens
   * to hold `${secret:OTHER}` stays text. Absent: every placeholder counts.
   */
  readonly secrets?: readonly string[];
}

export interface HttpActivityResult {
  readonly status: number;
  /** A fixed selection, names in lower case. */
  readonly headers: Readonly<Record<string, string>>;
  /** JSON where the response is JSON, text otherwise, null where it is empty; secrets are blotted out. */
  readonly body: Json;
  /** The body is no text: `body` holds it in base64. */
  readonly body_encoding?: 'base64';
}

/** The rendered `command` executor. */
export interface CommandActivityInput extends AttemptOf {
  /** The program's name, then its arguments, each as it is: there is no shell. */
  readonly command: readonly string[];
  /** Folder relative to the configured root; absent: the root. */
  readonly cwd?: string;
  readonly env?: JsonObject;
  readonly stdin?: string;
}

export interface CommandActivityResult {
  readonly exit_code: number;
  /** The last 64 kB. */
  readonly stdout: string;
  readonly stderr: string;
  /** Present where something was cut off in front. */
  readonly stdout_truncated?: true;
  readonly stderr_truncated?: true;
  /** What stdout holds, where the whole of it is one JSON document. */
  readonly json?: Json;
}

export interface WriteHistorySegmentInput {
  readonly tenant_id: string;
  readonly instance_id: string;
  /** At least one, in order, without gaps. */
  readonly events: readonly HistoryEvent[];
}

export interface WriteSnapshotInput {
  readonly tenant_id: string;
  readonly instance_id: string;
  readonly snapshot: { readonly snapshot_version: 1; readonly run_id: string; readonly state: InstanceState };
}

export interface PreparedChild extends PreparedDefinition {
  /** The state of the child that it goes on from, as that closed. */
  readonly seed?: InstanceState;
}

export interface KeepDefinitionInput {
  readonly tenant_id: string;
  /** Of the document: its name in the store. */
  readonly digest: string;
  /** Or the text of a file: as text a version such as 1.0 is still what was written. */
  readonly document: JsonObject | string;
}

export interface ReadLeftBehindInput {
  readonly instance_id: string;
}

export interface LeftBehindRead {
  /** Null where it had not begun. */
  readonly report: SubtreeReport | null;
  /** Why it was terminated; null where nobody said. */
  readonly reason: string | null;
}

export interface TerminateChildInput {
  readonly instance_id: string;
  readonly reason: string;
}

/** The engine's activities by name. Every refusal is a non-retryable `ApplicationFailure` of the error's name. */
export interface EngineActivities {
  'chatflow.prepare'(input: StartInput): Promise<PreparedDefinition>;
  /** A child's first step: its definition resolved, and the finished work that it goes on from. */
  'chatflow.prepareChild'(input: StartInput): Promise<PreparedChild>;
  'chatflow.keepDefinition'(input: KeepDefinitionInput): Promise<void>;
  'chatflow.terminateChild'(input: TerminateChildInput): Promise<void>;
  'chatflow.readLeftBehind'(input: ReadLeftBehindInput): Promise<LeftBehindRead>;
  'chatflow.http'(input: HttpActivityInput): Promise<HttpActivityResult>;
  'chatflow.command'(input: CommandActivityInput): Promise<CommandActivityResult>;
  /** Kept for a later executor: always `FeatureDisabledError`. */
  'chatflow.llm'(input: Json): Promise<Json>;
  'chatflow.writeHistorySegment'(input: WriteHistorySegmentInput): Promise<ArtifactRef>;
  'chatflow.writeSnapshot'(input: WriteSnapshotInput): Promise<ArtifactRef>;
}
