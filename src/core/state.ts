/**
 * One instance's whole memory: a single JSON value that `transition` alone changes. It is what continue-as-new
 * carries, what queries read and what the closing snapshot holds. Times are milliseconds since the epoch.
 * Wire format between versions of the engine: add optional fields, never rename.
 */
import type { Definition, Join, ResourceQuota, TaskKind } from '../definition/definition.js';
import type { Json, JsonObject } from '../json/json.js';
import type { CoreEvent } from './event.js';
import type {
  ArtifactRef,
  Failure,
  HistoryEntry,
  HistoryEvent,
  InstanceStatus,
  PhaseStatus,
  Problem,
  TaskStatus,
  TriggerInput,
  WaitingFor,
} from './shapes.js';
import type { ChildState, PastChildren, TreeFigures } from './child-state.js';
import type { SharedQuota } from './grant.js';

/** A lease on an agent's task. It stays good after its end until another claim is made. */
export interface Claim {
  readonly claim_id: string;
  readonly agent_id: string;
  readonly expires_at: number;
  readonly lease_sec: number;
  readonly request_id?: string;
}

/** What an element of a foreach left. Ten thousand of them lie in a state: what completed says no more than it must. */
export interface ElementResult {
  /** Absent: it completed. */
  readonly status?: Exclude<TaskStatus, 'completed'>;
  readonly output?: Json;
  readonly error?: Problem;
  /** Of the rendered input of an executor that completed. */
  readonly digest?: string;
  /** Of an element that did not complete: where it opens again, its attempts go on from here. */
  readonly attempts?: number;
  /** Of an element that did not complete: the child that another goes on from. */
  readonly child?: string;
}

/** What bounds the elements of a `foreach`. */
export interface Widths {
  readonly max_parallel: number;
  readonly join: Join;
  readonly require?: Join;
}

/** The elements of a `foreach`, on the task that stands for all of them (its slot). */
export interface Foreach {
  readonly items: readonly Json[];
  /** What closed elements left, by index, in chunks; null for those that have not closed. Their tasks are gone. */
  readonly results: readonly (readonly (ElementResult | null)[])[];
  /** Attempts of elements that a retry opens again, by index. */
  readonly tried?: Readonly<Record<string, number>>;
  /** Children of such elements, by index. */
  readonly seeds?: Readonly<Record<string, string>>;
  /** Evaluated as it opened, for this visit; absent where the definition gives the values themselves. */
  readonly widths?: Widths;
  /** Index of the next element to open. */
  readonly next: number;
  readonly open: number;
  readonly closed: number;
  readonly completed: number;
}

/** A task of one visit: a slot (with `foreach`), an element of one (with `group`), or a plain task. */
export interface TaskState {
  readonly id: string;
  readonly phase: string;
  readonly visit: number;
  readonly name: string;
  readonly kind: TaskKind;
  readonly status: TaskStatus;
  /** Order of creation in the instance. */
  readonly order: number;
  /** `entered` of the visit it belongs to. */
  readonly entered: number;
  readonly attempts: number;
  /** Attempts before a retry by hand opened it again: its retry policy begins anew. */
  readonly tried?: number;
  readonly opened_at?: number;
  readonly closed_at?: number;
  readonly waits?: WaitingFor;
  readonly text?: string;
  readonly context?: Json;
  readonly guidance?: string;
  readonly group?: string;
  readonly index?: number;
  readonly item?: Json;
  readonly foreach?: Foreach;
  readonly claim?: Claim;
  readonly output?: Json;
  readonly error?: Problem;
  /** The rendered executor of the attempt that is queued. */
  readonly request?: Json;
  /** Digest of the rendered input of a foreach's element: a rewind takes over what is equal. */
  readonly request_digest?: string;
  /** The child instance that does it: of its last attempt. */
  readonly child?: string;
  /** The last child of which finished work is left. */
  readonly seed?: string;
  /** What a retry by hand gives the next child, in place of what the definition says. */
  readonly quota?: ResourceQuota;
  /** Why it got no child: at the end of a pause it fails by its rule. */
  readonly refusal?: Problem;
  /** An attempt is in flight as an activity. */
  readonly running?: boolean;
  /** It may run, but waits for a free slot, a resume or a continue-as-new. */
  readonly queued?: boolean;
  /** Its phase was left while it ran on (concurrent). */
  readonly detached?: boolean;
  /** Someone approved its executor: its retries ask nobody again. */
  readonly approved?: boolean;
  /** It failed the instance, or was cancelled by its failure: a retry opens it again. */
  readonly revivable?: boolean;
  /** Of its visit, evaluated as it was entered; absent where the definition gives the value itself. */
  readonly require?: Join;
  /** Its visit was undone or its failure has led elsewhere: a `require` doesn't count it. */
  readonly excused?: boolean;
}

export interface PhaseState {
  readonly status: PhaseStatus;
  readonly visits: number;
  /** How many of them were undone by a rewind, a retry or compensations: `max_visits` doesn't count them. */
  readonly undone_visits?: number;
  /** Order of entry of the last visit in the instance. */
  readonly entered: number;
  /** A rewind to an earlier phase has superseded all its visits: none leads back to it until it is entered again. */
  readonly undone?: boolean;
  readonly output?: Json;
  /** Its output is that of its one task, a foreach that has closed: thousands of results are not kept twice. */
  readonly output_in_task?: boolean;
  /** The failure that led to its last visit: one that is made in its place sees it too. */
  readonly error?: JsonObject;
  /** Ids of the last visit's tasks, in the definition's order; elements of a foreach are not listed. */
  readonly tasks: readonly string[];
}

/** What a phase that was just entered knows about how it came to be: read by expressions. */
export interface CurrentVisit {
  readonly phase: string;
  readonly visit: number;
  readonly entered: number;
  readonly started_at: number;
  /** What closed the last task of this visit. */
  readonly trigger: Json;
  readonly trigger_id: string | null;
  readonly meta: JsonObject;
  /** The failure that led here. */
  readonly error?: JsonObject;
  /** Evaluated as it was entered; absent where the definition gives the value itself. */
  readonly join?: Join;
  /** Which part of the visit has been done: retry goes on from there. */
  readonly stage: 'entering' | 'tasks' | 'leaving';
}

export interface Deadline {
  readonly at: number;
  readonly kind: 'timeout' | 'retry' | 'wait' | 'until' | 'duration' | 'report' | 'kill';
  readonly task?: string;
  /** kill: a child that was asked to end and has not. */
  readonly child?: string;
}

/** Where the instance goes next, as soon as nothing stands in the way (a pause, compensations). */
export interface PendingEntry {
  readonly phase: string;
  readonly error?: JsonObject;
  readonly guidance?: string;
}

/** An instance on its way to an end; the first outcome stands. */
export interface Ending {
  readonly outcome: 'completed' | 'failed' | 'cancelled';
  readonly stage: 'drain' | 'compensate' | 'finally';
  readonly failure?: Failure;
  readonly reason?: string;
}

export interface Pause {
  readonly at: number;
  readonly reason: string | null;
  /** The engine paused it, because a quota was reached: extending the quota resumes it. */
  readonly by_quota: boolean;
  /** A quota above was reached, and has not been extended: whatever else pauses it. From version 9 on. */
  readonly above?: true;
}

/** A trigger id that was applied: an idempotency key with its first answer. */
export interface Applied {
  readonly id: string;
  /** Digest of the trigger's content: the same id with other content is refused. */
  readonly digest: string;
  /** status, previous_phase, current_phase, waiting_for, progress, applied */
  readonly result: readonly [string, string | null, string | null, WaitingFor | null, number, boolean];
}

/** A segment of the audit stream that has moved to the artifact store. */
export interface Segment {
  readonly first_seq: number;
  readonly last_seq: number;
  readonly ref: ArtifactRef;
}

export interface Compensation {
  readonly task_id: string;
  readonly phase: string;
  readonly entered: number;
  readonly order: number;
  readonly output: Json;
  readonly item?: Json;
  readonly index?: number;
}

export interface InstanceState {
  readonly engine_version: number;
  readonly instance_id: string;
  readonly tenant_id: string;
  readonly feature_id: string;
  readonly parent_instance_id: string | null;
  readonly root_instance_id: string;
  readonly recursion_depth: number;
  readonly definition: Definition;
  readonly definition_digest: string;
  /** Of a child whose definition was found by its name: the digest of the document in the store. */
  readonly schema_digest?: string;

  readonly status: 'created' | 'running' | 'completed' | 'failed' | 'cancelled';
  readonly paused: Pause | null;
  readonly draining: boolean;
  /** A foreach of children opens no further element before the next run. */
  readonly windows_held?: boolean;
  readonly automation_level: number;
  readonly max_recursion_depth: number;
  readonly resource_quota: ResourceQuota;
  /** Which of these limits are not its own, from version 7 on. */
  readonly shared_quota?: SharedQuota;
  /** Of a child, from version 9 on: what those above let it use at most, where nothing was set aside for it. */
  readonly quota_above?: ResourceQuota;
  /** Of a child, from version 9 on: what was set aside for it as it was made. */
  readonly quota_granted?: ResourceQuota;
  /** Of the instance itself, its children not counted. */
  readonly usage: { readonly tokens: number; readonly cost_usd: number; readonly unpriced_tokens?: number };
  /** Elapsed time of earlier runs (retry) less pauses; the duration quota's clock. */
  readonly clock: { readonly started_at: number; readonly carried_ms: number; readonly paused_ms: number };
  readonly created_at: number;
  readonly updated_at: number;
  readonly closed_at: number | null;

  readonly variables: JsonObject;
  readonly meta: JsonObject;
  readonly messages: readonly Json[];
  readonly phases: Readonly<Record<string, PhaseState>>;
  readonly tasks: Readonly<Record<string, TaskState>>;
  readonly current: CurrentVisit | null;
  readonly entry: PendingEntry | null;
  readonly ending: Ending | null;
  readonly finally_done: boolean;
  /** What a retry goes on from: the entry, where there is one; else the visit; with neither it was completing. */
  readonly failed_visit: CurrentVisit | null;
  readonly failed_entry: PendingEntry | null;
  /** After a rewind: outputs of completed elements by `phase#visit/task:digest`, taken over where the input is equal. */
  readonly reusable: Readonly<Record<string, readonly Json[]>>;
  readonly failure: Failure | null;
  readonly result: Json | null;

  readonly deadlines: Readonly<Record<string, Deadline>>;
  /** Queued activities, in order. */
  readonly queue: readonly string[];
  readonly running_activities: number;
  readonly compensations: readonly Compensation[];
  /** Ids of tasks to compensate, next first. */
  readonly compensating: readonly string[];
  readonly compensation_running: boolean;

  /** Those that are open, and the last that closed. */
  readonly children?: Readonly<Record<string, ChildState>>;
  /** What the names of tasks' children have meant first: digests of definitions in the store. From version 9 on. */
  readonly pinned?: Readonly<Record<string, string>>;
  /** How many there ever were. */
  readonly child_count?: number;
  readonly past_children?: PastChildren;
  /** What was last told to the parent. */
  readonly reported?: {
    readonly at: number;
    readonly status: InstanceStatus;
    readonly phase: string | null;
    readonly figures: TreeFigures;
    readonly reserved?: ResourceQuota;
    readonly extended?: ResourceQuota;
    /** How many reports there were. */
    readonly sent?: number;
  };
  /** Seconds between one report and the next, where the parent has asked for less. */
  readonly report_sec?: number;
  /** Reports of children that this run has heard. */
  readonly heard_reports?: number;

  readonly held: readonly CoreEvent[];
  readonly early: Readonly<Record<string, readonly TriggerInput[]>>;
  /** Oldest first; the last 1,000. */
  readonly applied: readonly Applied[];
  readonly visits: readonly HistoryEntry[];
  readonly visits_truncated: boolean;
  readonly events: readonly HistoryEvent[];
  readonly segments: readonly Segment[];
  readonly artifacts: readonly ArtifactRef[];
  readonly next_seq: number;
  readonly next_order: number;
  readonly triggers: number;
}
