/** One of everything: children, elements at once, slots of the worker. Nested work waits its turn, and gets it. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { ChatFlowError } from '../../src/core/errors.js';
import type { JsonObject } from '../../src/json/json.js';
import { openTestBed, type TestBed, type TestBedOptions } from './test-bed.js';

const PATIENCE_MS = 60_000;

/** Needs nobody: it counts the leaves below it. */
const LEAF = { name: 'leaf', version: '1', phases: [{ name: 'work', tasks: [] }], result: { leaves: 1 } };

const parentOf = (name: string, below: JsonObject, rest: JsonObject = {}): JsonObject => ({
  name,
  version: '1',
  ...rest,
  phases: [{ name: 'split', subworkflow: below, outputs: { leaves: 'tasks.split.output.leaves' } }],
  result: { leaves: 'variables.leaves' },
});

const foreachOf = (name: string, below: JsonObject): JsonObject => ({
  name,
  version: '1',
  phases: [
    {
      name: 'split',
      foreach: '[0, 1, 2]',
      max_parallel: 1,
      subworkflow: below,
      outputs: {
        leaves: [0, 1, 2].map((index) => `tasks.split[${index}].output.leaves`).join(' + '),
      },
    },
  ],
  result: { leaves: 'variables.leaves' },
});

const yamlOf = (definition: JsonObject): string => JSON.stringify(definition);

/** The most children that were open at once, by the history of an instance. */
async function mostOpen(bed: TestBed, id: string): Promise<number> {
  let [open, most] = [0, 0];
  for (const { event_type } of await bed.engine.getHistory(id)) {
    if (event_type === 'subworkflow_created') open += 1;
    if (event_type === 'subworkflow_completed') open -= 1;
    most = Math.max(most, open);
  }
  return most;
}

async function childrenOf(bed: TestBed, id: string): Promise<readonly string[]> {
  return (await bed.engine.getWorkflowState(id)).children;
}

function useBed(options: TestBedOptions = {}): () => TestBed {
  let opened: TestBed | undefined;
  beforeAll(async () => {
    opened = await openTestBed(options);
  });
  afterAll(async () => {
    await opened?.stop();
  });
  return () => {
    if (!opened) throw new Error('the bed is not open');
    return opened;
  };
}

/** Two levels of three elements each, one at a time at either. */
async function expectNested(bed: TestBed): Promise<void> {
  const { workflowId: root } = await bed.start(yamlOf(foreachOf('root', foreachOf('branch', LEAF))));
  expect(await bed.engine.getResult(root)).toEqual({ leaves: 9 });
  const branches = await childrenOf(bed, root);
  expect(branches).toHaveLength(3);
  for (const id of [root, ...branches]) expect(await mostOpen(bed, id)).toBe(1);
  expect(await bed.engine.getWorkflowTreeStatus(root)).toMatchObject({
    total_nodes: 13,
    completed_nodes: 13,
  });
}

describe('a worker as it is shipped', () => {
  const bed = useBed();

  test(
    'completes a chain of children that may have one child each',
    async () => {
      const chain = parentOf('root', parentOf('branch', parentOf('twig', LEAF)), {
        default_resource_quota: { max_children: 1 },
      });
      const { workflowId: root } = await bed().start(yamlOf(chain));
      expect(await bed().engine.getResult(root)).toEqual({ leaves: 1 });
      expect(await bed().engine.getWorkflowTreeStatus(root)).toMatchObject({
        total_nodes: 4,
        completed_nodes: 4,
        max_depth: 3,
      });
    },
    PATIENCE_MS,
  );

  test(
    'lets the one child that is allowed go on, and refuses another',
    async () => {
      const { workflowId: root } = await bed().start(
        yamlOf({
          name: 'root',
          version: '1',
          default_resource_quota: { max_children: 1 },
          phases: [
            { name: 'gate', task: 'Begin' },
            { name: 'work', subworkflow: LEAF },
          ],
        }),
      );
      await bed().engine.createSubworkflow(root, { schema: parentOf('asked', LEAF) });
      const second = bed().engine.createSubworkflow(root, { schema: LEAF });
      await expect(second).rejects.toThrow(ChatFlowError);
      await expect(second).rejects.toMatchObject({
        type: 'QuotaExceededError',
        details: { limit: 1, used: 1 },
      });
      await expect
        .poll(() => bed().engine.getWorkflowTreeStatus(root), { timeout: 20_000 })
        .toMatchObject({ total_nodes: 3, completed_nodes: 2 });
      await bed().engine.triggerNextStep(root);
      // The child of its task would be the second: the task fails, and nobody waits for ever.
      await expect(bed().engine.getResult(root)).rejects.toMatchObject({ type: 'QuotaExceededError' });
    },
    PATIENCE_MS,
  );

  test(
    'completes nested lists of children, one at a time at each level',
    () => expectNested(bed()),
    PATIENCE_MS,
  );
});

/** As few as Temporal takes: a cache has room for two at least and asks for two slots; without one, one slot will do. */
const SMALLEST: readonly [string, NonNullable<TestBedOptions['worker']>][] = [
  ['two slots and a cache of two', { maxConcurrentWorkflowTaskExecutions: 2, maxCachedWorkflows: 2 }],
  ['one slot and no cache', { maxConcurrentWorkflowTaskExecutions: 1, maxCachedWorkflows: 0 }],
];

describe.each(SMALLEST)('a worker with %s', (_name, worker) => {
  const bed = useBed({
    env: { CHATFLOW_COMMANDS: '{ allow: [node] }' },
    worker: {
      ...worker,
      maxConcurrentActivityTaskExecutions: 1,
      maxConcurrentLocalActivityExecutions: 1,
    },
  });

  test('completes nested lists of children', () => expectNested(bed()), PATIENCE_MS);

  test(
    'completes children that all run programs of their own, side by side',
    async () => {
      const runs = {
        name: 'runs',
        version: '1',
        phases: [{ name: 'run', executor: { command: ['node', '-e', '0'] } }],
        result: { leaves: 1 },
      };
      const wide = {
        name: 'wide',
        version: '1',
        phases: [
          {
            name: 'split',
            execution_strategy: 'parallel',
            tasks: [
              { name: 'own', executor: { command: ['node', '-e', '0'] } },
              { name: 'below', foreach: '[0, 1]', max_parallel: 2, subworkflow: parentOf('branch', runs) },
            ],
            outputs: { leaves: 'tasks.below.map(t, t.output.leaves)' },
          },
        ],
        result: { leaves: 'variables.leaves' },
      };
      const { workflowId: root } = await bed().start(yamlOf(wide));
      expect(await bed().engine.getResult(root)).toEqual({ leaves: [1, 1] });
      expect(await bed().engine.getWorkflowTreeStatus(root)).toMatchObject({
        total_nodes: 5,
        completed_nodes: 5,
      });
    },
    PATIENCE_MS,
  );
});
