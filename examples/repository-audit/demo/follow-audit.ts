import { setTimeout as delay } from 'node:timers/promises';
import type { WorkflowEngine } from '../../../src/client/index.js';
import { ChatFlowError } from '../../../src/core/errors.js';
import type { Task, WorkflowState } from '../../../src/core/shapes.js';
import { sendDecision, type Decide } from './decide.js';
import { describeEvent, describeNow, describePhaseEnd, foldersOf } from './describe-audit.js';
import { patiently } from './patiently.js';
import type { Progress } from './progress.js';

const LOOK_MS = 200;
const OPEN = new Set<string>(['created', 'running', 'paused']);

export interface FollowOptions {
  readonly engine: WorkflowEngine;
  readonly instanceId: string;
  readonly progress: Progress;
  /** Null: approvals are shown and left to others. */
  readonly decide: Decide | null;
  /** Ends the following with its reason. */
  readonly signal: AbortSignal;
  /** Called after each look. */
  readonly onLook?: (state: WorkflowState) => void;
}

/** Shows what happens in an instance until it has closed, and has approvals decided. Gives its last state. */
export async function followAudit(options: FollowOptions): Promise<WorkflowState> {
  const { engine, instanceId, signal } = options;
  const approvals = createApprovals(options);
  const readState = (): Promise<WorkflowState> =>
    patiently(() => engine.getWorkflowState(instanceId), { signal });
  try {
    return await lookUntilClosed(options, approvals, readState);
  } finally {
    approvals.close();
  }
}

async function lookUntilClosed(
  { engine, instanceId, progress, signal, onLook }: FollowOptions,
  approvals: Approvals,
  readState: () => Promise<WorkflowState>,
): Promise<WorkflowState> {
  let state = await readState();
  let seq = 0;
  const folders = new Map(foldersOf(state));
  for (;;) {
    // Events after the state: the last of a closed instance are among them.
    const events = await patiently(() => engine.getHistory(instanceId, { after: seq }), { signal });
    const closed = !OPEN.has(state.status);
    state = closed ? state : await readState();
    for (const [task, folder] of foldersOf(state)) folders.set(task, folder);
    for (const event of events) {
      seq = event.seq;
      const line = describeEvent(event, folders) ?? describePhaseEnd(event, state.history);
      if (line !== null) progress.say(line);
    }
    onLook?.(state);
    approvals.look(state);
    if (closed) return state;
    progress.show(describeNow(state));
    await delay(LOOK_MS);
  }
}

interface Approvals {
  /** Announces approvals that have opened and gives up on those that have closed. @throws what deciding threw */
  look(state: WorkflowState): void;
  /** Gives up on all of them. */
  close(): void;
}

/** A person thinks while the demo goes on looking, so each decision runs by itself. */
function createApprovals({ engine, instanceId, progress, decide }: FollowOptions): Approvals {
  const open = new Map<string, AbortController>();
  let failure: Error | null = null;
  const take = async (task: Task, closed: AbortController): Promise<void> => {
    const decision = await decide?.(task, closed.signal);
    if (decision == null) return;
    await sendDecision(engine, instanceId, task, decision).catch((error: unknown) => {
      // Someone else was faster: the history shows whose decision stood.
      if (!(error instanceof ChatFlowError && error.type === 'TaskNotFoundError')) throw error;
    });
  };
  return {
    close: () => {
      for (const closed of open.values()) closed.abort();
    },
    look: (state) => {
      if (failure !== null) throw failure;
      const waiting = state.tasks.filter((task) => task.status === 'open' && task.waiting_for === 'approval');
      for (const task of waiting) {
        if (open.has(task.task_id)) continue;
        const closed = new AbortController();
        open.set(task.task_id, closed);
        progress.say(
          `⏸ ${task.task_id} waits for a decision: ${(task.text ?? '').replace(/\s+/g, ' ').trim()}`,
        );
        take(task, closed).catch((error: unknown) => {
          failure = error instanceof Error ? error : new Error(String(error));
        });
      }
      const ids = new Set(waiting.map((task) => task.task_id));
      for (const [id, closed] of open) if (!ids.has(id)) closed.abort();
    },
  };
}
