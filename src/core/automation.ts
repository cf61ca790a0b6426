import type { TaskDefinition } from '../definition/definition.js';
import { NUMBER_RANGES } from '../json/number-ranges.js';
import { renderNumber } from './evaluate.js';
import { taskExtras } from './scope.js';
import type { TaskState } from './state.js';
import type { Turn } from './turn.js';

type TaskPlace = Pick<TaskState, 'phase' | 'name' | 'item' | 'index'>;

/** Whether the automation level reaches the task's threshold, as both are now. */
export function isAutomatic(turn: Turn, task: TaskPlace, { automation }: TaskDefinition): boolean {
  const place = { phase: task.phase, task: task.name, field: 'automation' };
  const threshold = renderNumber(turn, automation, NUMBER_RANGES.automation, place, taskExtras(task));
  return turn.state.automation_level >= threshold;
}
