import { describe, expect, it } from 'vitest';
import {
  describeEvent,
  describeNow,
  foldersOf,
} from '../../../../examples/repository-audit/demo/describe-audit.js';
import type { HistoryEvent, Task, WorkflowState } from '../../../../src/core/shapes.js';

const event = (over: Partial<HistoryEvent>): HistoryEvent =>
  ({ seq: 1, event_type: 'phase_failed', phase: 'inventory', task: null, data: {}, ...over }) as HistoryEvent;

describe('describeEvent', () => {
  it('says nothing of a phase whose end tells no reason', () => {
    expect(describeEvent(event({ data: { phase: 'inventory' } }))).toBeNull();
  });

  it('names what failed and why', () => {
    const data = { type: 'AuditWorkError', message: 'no files' };
    expect(describeEvent(event({ data }))).toBe('    inventory ✗ AuditWorkError: no files');
    const task = { event_type: 'task_failed', task: 'inventory#1/list', data } as const;
    expect(describeEvent(event(task))).toBe('    list ✗ AuditWorkError: no files');
  });
});

describe('children', () => {
  const open = { task_id: 'analyse#1/long_functions[3]', name: 'long_functions', status: 'open', index: 3 };
  const child = { ...open, item: { folder: 'src/core', max_tokens: 1 }, instance_id: 'wfi_1' };
  const state = { current_phase: 'analyse', tasks: [child as unknown as Task] } as unknown as WorkflowState;

  it('are named by their folder as they start and end', () => {
    const folders = new Map(foldersOf(state));
    const of = { task: child.task_id, data: { instance_id: 'wfi_1' } } as const;
    const created = event({ ...of, event_type: 'subworkflow_created' });
    expect(describeEvent(created, folders)).toBe('    long_functions[3] src/core → child wfi_1');
    const completed = event({ ...of, event_type: 'task_completed' });
    expect(describeEvent(completed, folders)).toBe('    long_functions[3] src/core ✓');
    expect(describeEvent(completed)).toBe('    long_functions[3] ✓');
  });

  it('are told from tasks that nobody has taken', () => {
    expect(describeNow(state)).toBe('analyse: 1 in children');
    const free = { ...open, index: 4, task_id: 'analyse#1/todos' } as unknown as Task;
    expect(describeNow({ ...state, tasks: [...state.tasks, free] })).toBe(
      'analyse: 1 in children, 1 waiting',
    );
  });
});
