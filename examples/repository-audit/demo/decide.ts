import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';
import type { WorkflowEngine } from '../../../src/client/index.js';
import type { Task } from '../../../src/core/shapes.js';
import { patiently } from './patiently.js';
import type { Progress } from './progress.js';

/** Takes the decision on an open approval; null where nobody took one and the approval has closed otherwise. */
export type Decide = (task: Task, closed: AbortSignal) => Promise<string | null>;

/** Grants every approval, and says so. */
export function grantAll(progress: Progress): Decide {
  return async (task) => {
    progress.say(`The demo grants it (with --interactive, you decide).`);
    return task.allowed_decisions?.[0] ?? 'approve';
  };
}

/** Asks on the terminal until the answer is a decision; `otherWays` are commands that decide the same from elsewhere. */
export function askOnTerminal(
  progress: Progress,
  otherWays: (task: Task) => readonly string[],
  input: Readable = process.stdin,
): Decide {
  return async (task, closed) => {
    const allowed = task.allowed_decisions ?? ['approve', 'reject'];
    const commands = otherWays(task).map((line) => `    ${line}`);
    progress.print(`\n  Or from another terminal:\n${commands.join('\n')}\n`);
    const question = `  Your decision (${allowed.join(', ')})?`;
    const terminal = createInterface({ input });
    const stop = (): void => {
      terminal.close();
    };
    closed.addEventListener('abort', stop);
    try {
      progress.ask(question);
      for await (const line of terminal) {
        progress.endQuestion(true);
        const answer = line.trim();
        if (allowed.includes(answer)) return answer;
        progress.print(`  "${answer}" is none of ${allowed.join(', ')}.`);
        progress.ask(question);
      }
      return null;
    } finally {
      progress.endQuestion(false);
      closed.removeEventListener('abort', stop);
      terminal.close();
    }
  };
}

/** Sends a decision. The trigger names the approval by its full task_id: it can never pass another gate. */
export async function sendDecision(
  engine: WorkflowEngine,
  instanceId: string,
  task: Task,
  decision: string,
): Promise<void> {
  const request = {
    task: task.task_id,
    trigger_id: `${task.task_id}/${String(task.attempts)}`,
    trigger_data: { decision },
    meta: { actor: 'demo' },
  };
  await patiently(() => engine.triggerNextStep(instanceId, request));
}
