/** Drives an example to its end in memory, on answers from a table. */
import { join, resolve } from 'node:path';
import type { Task } from '../../src/core/shapes.js';
import type { JsonObject } from '../../src/json/json.js';
import { driveInstance, type Answer, type Driven, type DriveOptions } from './drive-instance.js';
import { loadExample } from './load-example.js';

const EXAMPLES = resolve(import.meta.dirname, '../../examples');

/** What is answered by task name; a function sees the task, and so its visit. */
export type Table = Readonly<Record<string, JsonObject | ((task: Task) => Answer)>>;

export async function drive(
  file: string,
  context: JsonObject,
  table: Table,
  more: Pick<DriveOptions, 'automationLevel' | 'child' | 'depth'> = {},
): Promise<Driven> {
  const definition = await loadExample(join(EXAMPLES, file));
  const answer = (task: Task): Answer => {
    const given = table[task.name];
    if (given === undefined) throw new Error(`Nobody answers ${task.task_id}`);
    return typeof given === 'function' ? given(task) : { data: given };
  };
  return driveInstance({ definition, context, answer, ...more });
}

/** The nth answer at the nth visit, the last one from then on. */
export const byVisit =
  (...answers: readonly JsonObject[]) =>
  (task: Task): Answer => ({ data: answers[Math.min(task.visit, answers.length) - 1] ?? {} });
