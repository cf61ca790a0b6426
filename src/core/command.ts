/** Effects that go out; the workflow shell performs them in order. */
import type { Json, JsonObject } from '../json/json.js';
import type { Problem } from './errors.js';
import type { Grant } from './grant.js';
import type { ChildDefinition } from './child-state.js';

/** What a parent hands to a child. Wire contract between an instance and its children. */
export interface ChildStart {
  readonly feature_id: string;
  readonly tenant_id: string;
  readonly meta: JsonObject;
  readonly automation_level: number;
  readonly initial_context: JsonObject;
  readonly child: ParentLink;
}

/** What a child knows of the instance above it. */
export interface ParentLink {
  readonly parent_instance_id: string;
  readonly root_instance_id: string;
  readonly depth: number;
  /** The lowest of all above it. */
  readonly max_recursion_depth: number;
  readonly grant: Grant;
  /** The meaning that its tree is pinned to. */
  readonly engine_version: number;
  /** The child whose finished work it goes on from. */
  readonly seed?: string;
  /** Seconds between one report and the next, where the parent asks for less than usual. */
  readonly report_sec?: number;
}

export type Command =
  | {
      readonly type: 'schedule_activity';
      /** Names the attempt: comes back with the result. */
      readonly key: string;
      readonly task_id: string;
      readonly attempt: number;
      readonly activity: string;
      /** Absent: the workers' own queue. */
      readonly task_queue?: string;
      readonly input: Json;
      readonly timeout_sec: number;
      readonly heartbeat_sec?: number;
    }
  | { readonly type: 'cancel_activity'; readonly key: string }
  | {
      readonly type: 'start_child';
      readonly instance_id: string;
      readonly definition: ChildDefinition;
      /** What the child's start says beside its definition. */
      readonly input: ChildStart;
    }
  | { readonly type: 'cancel_child'; readonly instance_id: string; readonly reason: string | null }
  | {
      readonly type: 'signal_child';
      readonly instance_id: string;
      readonly signal: string;
      readonly argument: Json;
    }
  | { readonly type: 'signal_parent'; readonly signal: string; readonly argument: Json };

/** What `transition` returns: the next state, the effects, the answer to whoever asked, or why it was refused. */
export interface Transition<State> {
  readonly state: State;
  readonly commands: readonly Command[];
  /** The answer of an update, in the shape of `protocol.md`; null where there is none. */
  readonly reply: Json;
  /** Refused: `state` is what came in, and nothing happened. */
  readonly refusal: Problem | null;
  /** What it took, in units of expressions: how much one workflow task takes on is measured by it. */
  readonly cost: number;
}
