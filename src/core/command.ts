/** Effects that go out; the workflow shell performs them in order. */
import type { Json } from '../json/json.js';
import type { Problem } from './errors.js';

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
  | { readonly type: 'cancel_activity'; readonly key: string };

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
