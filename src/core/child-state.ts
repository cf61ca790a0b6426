/** Children as their parent keeps them: what they were asked for, what they have told, how they ended. */
import type { ResourceQuota } from '../definition/definition.js';
import type { Json, JsonObject } from '../json/json.js';
import type { Grant } from './grant.js';
import type { InstanceStatus, Problem, SubtreeUsage, WorkflowStatusInfo } from './shapes.js';

/** What is known of a subtree: the instance at its top and all below it. */
export interface TreeFigures {
  /** Nodes by status; a status that none has is absent. */
  readonly nodes: Readonly<Partial<Record<InstanceStatus, number>>>;
  readonly max_depth: number;
  readonly tokens: number;
  readonly cost_usd: number;
  /** Tokens that were reported without a price. */
  readonly unpriced_tokens?: number;
}

/** What an instance tells of itself and its subtree to the one above. */
export interface SubtreeReport {
  readonly info: WorkflowStatusInfo;
  readonly figures: TreeFigures;
  /** When it was true, in milliseconds since the epoch. */
  readonly as_of: number;
  /** Of limits that it shares with those above: what is set aside for children below and not used yet. */
  readonly reserved?: ResourceQuota;
  /** The digest of its definition in the store, where it was found by its name. */
  readonly schema_digest?: string;
  /** What was set aside for it, where it has been extended: what it would have now. */
  readonly extended?: ResourceQuota;
}

/** Where the definition of a child is to be found: under a name, or in the store under its digest. */
export interface ChildDefinition {
  readonly schema_id?: string;
  readonly digest?: string;
  /** Of an inline one that the store may not have yet. */
  readonly document?: JsonObject;
}

/**
 * What a child that has not been started is to be started with. Of one that does a task the rest stands in the task's
 * definition: many that wait for their start must not copy it.
 */
export interface ChildRequest {
  readonly definition?: ChildDefinition;
  /** Of one that does a task its own variables: those that it inherits come under them as it starts. Else all of them. */
  readonly context: JsonObject;
  readonly meta?: JsonObject;
  readonly grant: Grant;
  /** The child whose finished work it goes on from. */
  readonly seed?: string;
}

/** A child of this instance. */
export interface ChildState {
  readonly id: string;
  /** Order of creation in the instance. */
  readonly order: number;
  /** The task that it does; absent: it was asked for at run time. */
  readonly task?: string;
  /** `name`, `name@version`, or the name in an inline definition. */
  readonly schema: string;
  readonly stage: 'queued' | 'starting' | 'open' | 'closed';
  readonly status: InstanceStatus;
  /** Until it is started. */
  readonly request?: ChildRequest;
  /** What of the parent's quota is its own. */
  readonly set_aside?: ResourceQuota;
  /** Of limits that it shares: what its subtree may come to, as it was told last. From version 9 on. */
  readonly share?: ResourceQuota;
  readonly created_at: number;
  readonly report?: SubtreeReport;
  readonly request_id?: string;
  /** Of what was asked for under that id, from version 9 on. */
  readonly request_digest?: string;
  /** Of one that was asked for at run time. */
  readonly on_failure?: 'continue' | 'fail';
  /** Of one that was asked for at run time and has closed. */
  readonly result?: Json;
  readonly failure?: Problem;
  /** It has been asked to end. */
  readonly ending?: boolean;
  /** Why its termination has been commanded. From version 9 on. */
  readonly killed?: string;
  /** What was said to it before it ran. */
  readonly messages?: readonly Json[];
}

/** Children that have closed and been joined: their number, and the figures of their subtrees. */
export interface PastChildren {
  readonly closed: Readonly<Partial<Record<InstanceStatus, number>>>;
  readonly figures: TreeFigures;
  /** The last of them; absent before version 6, which forgot what it had counted. */
  readonly last?: readonly PastChild[];
}

/** What is still told of a child that has been joined. Whatever is absent is as of a child that had none of its own. */
export interface PastChild extends Pick<
  ChildState,
  | 'id'
  | 'order'
  | 'schema'
  | 'task'
  | 'status'
  | 'created_at'
  | 'request_id'
  | 'request_digest'
  | 'result'
  | 'failure'
> {
  readonly closed_at: number;
  readonly phase?: string;
  readonly progress?: number;
  readonly usage?: SubtreeUsage;
  readonly children?: Pick<WorkflowStatusInfo, ChildCount>;
}

/** How many children an instance has, in all and by how they stand. */
export type ChildCount = Extract<keyof WorkflowStatusInfo, `${string}_children` | 'child_count'>;
