/** What waits longest is never hidden by what is new. */
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import type { InstanceFilter } from '../../src/client/index.js';
import { startEngine } from './start-engine.js';
import type { TestEngine } from './start-engine.js';

const schema = {
  name: 'two-kinds',
  version: '1.0',
  phases: [
    { name: 'write', task: 'Write' },
    { name: 'gate', approval: 'Good?' },
  ],
};

let setup: TestEngine;
/** In the order of their start. */
let approvals: readonly string[];
let agents: readonly string[];

beforeAll(async () => {
  setup = await startEngine();
  approvals = [await start(), await start()];
  for (const id of approvals) await setup.engine.triggerNextStep(id);
  agents = [await start(), await start(), await start(), await start()];
  // It waits for nothing any more, though the index keeps what it last waited for.
  await setup.engine.terminateWorkflowTree(await start());
  await inIndex({ status: 'terminated' }, 1);
  await inIndex({ waiting_for: 'approval' }, 2);
  await inIndex({ waiting_for: 'agent' }, 4);
});

afterAll(async () => {
  await setup?.stop();
});

/** Temporal's index lags. */
async function inIndex(filter: InstanceFilter, count: number): Promise<void> {
  const look = async () => expect(await setup.engine.countInstances(filter)).toBe(count);
  await vi.waitFor(look, { timeout: 15_000, interval: 100 });
}

async function start(): Promise<string> {
  const id = (await setup.engine.startWorkflowInstance({ schema })).instance_id ?? '';
  await setup.engine.getWorkflowStatusInfo(id);
  return id;
}

async function found(limit: number, waiting_for?: 'agent' | 'approval'): Promise<readonly string[]> {
  const tasks = await setup.engine.listTasks({ limit, ...(waiting_for !== undefined && { waiting_for }) });
  return tasks.map(({ instance_id: id }) => id).sort();
}

test('of too many, each kind has its share, the oldest of it', async () => {
  expect(await found(2)).toEqual([agents[0], approvals[0]].sort());
  expect(await found(3)).toEqual([...agents.slice(0, 2), approvals[0]].sort());
  expect(await found(5)).toEqual([...agents.slice(0, 3), ...approvals].sort());
  expect(await found(6)).toEqual([...agents, ...approvals].sort());
});

test('of one kind, the oldest', async () => {
  expect(await found(3, 'agent')).toEqual([...agents.slice(0, 3)].sort());
  expect(await found(1, 'approval')).toEqual([approvals[0]]);
});

test('instances are counted, of several kinds each once, up to the limit', async () => {
  expect(await setup.engine.countInstances({ waiting_for: ['agent', 'approval'] })).toBe(6);
  expect(await setup.engine.countInstances({ limit: 4 })).toBe(4);
  expect(await setup.engine.countInstances()).toBe(7);
});
