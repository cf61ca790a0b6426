/**
 * Trees of instances while the workers under them are killed again and again: no trigger is lost, none is applied
 * twice, and every parent joins every child once.
 */
import { Client, Connection } from '@temporalio/client';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { init, type ChatFlow } from '../../src/client/index.js';
import { UpdateGate } from '../../src/client/update-gate.js';
import { ChatFlowError } from '../../src/core/errors.js';
import type { HistoryEvent, TriggerInput } from '../../src/core/shapes.js';
import { loadConfig } from '../../src/platform/config.js';
import { createTestNamespace, getTestServer, testServerEnvironment } from '../support/temporal-server.js';
import { WorkerRotation } from './worker-rotation.js';

/** Two hundred take some ten minutes on two slow cores: CHATFLOW_LONG=1. */
const TREES = process.env['CHATFLOW_LONG'] === '1' ? 200 : 6;
/** 1 root, 3 children, 9 grandchildren. */
const NODES = 13;
const INSTANCES = TREES * NODES;
/** Every so many instances take a second trigger: what the first of two does twice can be seen. */
const TWO_OF = 3;
const IN_FLIGHT = 40;
const PROCESSES = 3;
/** What a worker has in hand when it is killed is tried again five seconds later: a few at a time, taken by whoever is there. */
const WORKER_OPTIONS = { maxConcurrentWorkflowTaskExecutions: 4, nonStickyToStickyPollRatio: 0.5 };
const KILL_EVERY_MS = 2000;
const LEAST_KILLS = 3;
/** Before a caller gives up and sends the same again. */
const DEADLINE_MS = 8000;

const TURN = `
  - name: turn
    task: Turn
    outputs: { own: 'variables.?own.orValue([]) + [trigger.n]' }
    next: [{ when: trigger.last, goto: end }, { goto: turn }]
`;

/** Definitions by file name. What an instance returns is what it has seen, then what each of its children has, in order. */
const DEFINITIONS = {
  'leaf.yaml': `
name: leaf
version: "1"
phases:${TURN}
result: { seen: variables.own }
`,
  'branch.yaml': `
name: branch
version: "1"
phases:
  - name: split
    execution_strategy: concurrent
    tasks: [{ name: leaves, foreach: "[0, 1, 2]", max_parallel: 2, inherit: [], subworkflow: leaf }]
${TURN}
result:
  seen: |
    variables.own + phases.split.tasks.leaves[0].output.seen
      + phases.split.tasks.leaves[1].output.seen + phases.split.tasks.leaves[2].output.seen
`,
  'root.yaml': `
name: root
version: "1"
phases:
${TURN.replace('goto: end', 'goto: split')}
  - name: split
    execution_strategy: parallel
    tasks:
      - { name: left, subworkflow: branch, inherit: [] }
      - { name: middle, subworkflow: branch, inherit: [] }
      - { name: right, subworkflow: branch, inherit: [] }
    outputs: { below: tasks.left.output.seen + tasks.middle.output.seen + tasks.right.output.seen }
result: { seen: variables.own + variables.below }
`,
} as const;

interface Range {
  readonly engine: ChatFlow;
  readonly temporal: Client;
  readonly workers: WorkerRotation;
  close(): Promise<void>;
}

async function openRange(): Promise<Range> {
  const folder = await mkdtemp(join(tmpdir(), 'chatflow-test-fire-'));
  await mkdir(join(folder, 'definitions'));
  for (const [name, text] of Object.entries(DEFINITIONS))
    await writeFile(join(folder, 'definitions', name), text);
  const namespace = await createTestNamespace();
  const own = {
    CHATFLOW_DATA_DIR: folder,
    CHATFLOW_DEFINITIONS: JSON.stringify([join(folder, 'definitions')]),
  };
  const { address } = getTestServer();
  const config = loadConfig({ cwd: folder, env: own });
  const connection = await Connection.connect({ address });
  const engine = await init({ address, namespace, config, deadline_ms: DEADLINE_MS });
  const workers = new WorkerRotation({
    env: { ...testServerEnvironment(), TEMPORAL_NAMESPACE: namespace, ...own },
    processes: PROCESSES,
    everyMs: KILL_EVERY_MS,
    workerOptions: WORKER_OPTIONS,
  });
  return {
    engine,
    temporal: new Client({ connection, namespace }),
    workers,
    close: async () => {
      await workers.stop();
      await engine.close();
      await connection.close();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

/** Sends the triggers of all instances that it finds, and remembers which numbers it gave to which instance. */
class Driver {
  /** The numbers of an instance's triggers, in order. */
  readonly numbers = new Map<string, readonly number[]>();
  readonly counts = { sent: 0, repeatedOnPurpose: 0, unanswered: 0 };
  private readonly range: Range;
  private readonly gate = new UpdateGate(IN_FLIGHT);
  private readonly driven: Promise<void>[] = [];
  private readonly failed = new AbortController();
  private next = 0;

  constructor(range: Range) {
    this.range = range;
  }

  async startRoots(): Promise<readonly string[]> {
    const start = async (): Promise<string> => {
      const { instance_id } = await this.range.engine.startWorkflowInstance({
        schema: DEFINITIONS['root.yaml'],
      });
      return instance_id ?? '';
    };
    return Promise.all(Array.from({ length: TREES }, () => this.gate.run('any', start)));
  }

  /** Until each instance of all trees has been found and has taken its triggers. */
  async driveAll(): Promise<void> {
    let newest = 0;
    while (this.numbers.size < INSTANCES) {
      // A look at all that is open, five times a second, would take the server's time from the trees.
      const since = new Date(newest - INDEX_LAG_MS).toISOString();
      const query = newest === 0 ? OPEN : `${OPEN} AND StartTime >= "${since}"`;
      for await (const { workflowId, startTime } of this.range.temporal.workflow.list({ query })) {
        newest = Math.max(newest, startTime.getTime());
        if (!this.numbers.has(workflowId)) this.take(workflowId);
      }
      await delay(LOOK_AGAIN_MS);
      this.failed.signal.throwIfAborted();
    }
    await Promise.all(this.driven);
  }

  private take(id: string): void {
    const isOfTwo = this.numbers.size % TWO_OF === 0;
    const numbers = Array.from({ length: isOfTwo ? 2 : 1 }, () => this.next++);
    this.numbers.set(id, numbers);
    const drive = async (): Promise<void> => {
      for (const [turn, n] of numbers.entries()) await this.deliver(id, n, turn === numbers.length - 1);
    };
    const driven = this.gate.run('any', drive);
    driven.catch((error: unknown) => this.failed.abort(error));
    this.driven.push(driven);
  }

  /** By update or by signal; some twice, the one beside the other or by another way. */
  private async deliver(id: string, n: number, last: boolean): Promise<void> {
    const input = triggerOf(n, last);
    const update = (): Promise<void> => this.update(id, input, last);
    const signal = (): Promise<void> => this.signal(id, input);
    this.counts.sent += 1;
    if (n % 10 < 5) return update();
    if (n % 10 < 8) return signal();
    this.counts.repeatedOnPurpose += 1;
    await Promise.all(n % 2 === 0 ? [update(), update()] : [signal(), update()]);
  }

  /** Sends until it is acknowledged: no answer says nothing about whether it was applied. */
  private async update(id: string, input: TriggerInput, last: boolean): Promise<void> {
    for (;;) {
      try {
        await this.range.engine.triggerNextStep(id, input);
        return;
      } catch (error) {
        if (!(error instanceof ChatFlowError)) throw error;
        // The same trigger has ended the instance: the one beside it, or this one, whose answer was lost.
        if (last && error.type === 'WorkflowClosedError') return;
        if (!UNANSWERED.has(error.type)) throw error;
        this.counts.unanswered += 1;
      }
    }
  }

  private async signal(id: string, input: TriggerInput): Promise<void> {
    await this.range.temporal.workflow.getHandle(id).signal('trigger_next_step', input);
  }
}

const OPEN = 'ExecutionStatus = "Running"';
const LOOK_AGAIN_MS = 200;
/** An instance may stand in the index after one that was started later. */
const INDEX_LAG_MS = 30_000;
const UNANSWERED = new Set(['WorkerUnavailableError', 'TimeoutError', 'RateLimitedError']);

const tokensOf = (n: number): number => (n % 7) + 1;
const triggerOf = (n: number, last: boolean): TriggerInput => ({
  task: 'turn',
  trigger_id: `T-${n}`,
  trigger_data: { n, last },
  usage: { tokens: tokensOf(n) },
});

async function untilNoneIsOpen(temporal: Client): Promise<void> {
  while ((await temporal.workflow.count(OPEN)).count > 0) await delay(LOOK_AGAIN_MS);
}

/** Checks an instance with all below it; returns the numbers that its triggers carried, then those of its children. */
async function checkTree(range: Range, driver: Driver, id: string): Promise<readonly number[]> {
  const { engine } = range;
  const numbers = driver.numbers.get(id) ?? [];
  const events = await engine.getHistory(id);
  expect(idsOf(events, 'trigger_applied'), id).toEqual(numbers.map((n) => `T-${n}`));
  expect(events.filter(({ event_type }) => event_type === 'trigger_rejected')).toEqual([]);
  const { children, usage, status } = await engine.getWorkflowState(id);
  expect(status).toBe('completed');
  const created = childrenIn(events, 'subworkflow_created');
  expect(children.toSorted()).toEqual(created.map(({ child }) => child).toSorted());
  expect(childrenIn(events, 'subworkflow_completed')).toEqual(created);
  const joins = events.filter(({ event_type }) => event_type === 'task_completed').map(({ task }) => task);
  for (const { task } of created) expect(joins.filter((name) => name === task)).toEqual([task]);
  const below: number[] = [];
  for (const { child } of created) below.push(...(await checkTree(range, driver, child)));
  const all = [...numbers, ...below];
  expect(usage.tokens).toBe(all.reduce((sum, n) => sum + tokensOf(n), 0));
  return all;
}

const idsOf = (events: readonly HistoryEvent[], type: string): readonly unknown[] =>
  events.filter(({ event_type }) => event_type === type).map(({ data }) => data['trigger_id']);

/** The tasks whose children an instance tells of, with those children, by the names of the tasks. */
const childrenIn = (
  events: readonly HistoryEvent[],
  type: string,
): readonly { readonly task: string; readonly child: string }[] =>
  events
    .filter(({ event_type }) => event_type === type)
    .map(({ task, data }) => ({ task: task ?? '', child: String(data['instance_id']) }))
    .toSorted((one, other) => one.task.localeCompare(other.task));

test(
  `${TREES} trees of ${NODES} instances lose nothing and double nothing while their workers are killed`,
  { timeout: 120_000 + TREES * 10_000 },
  async () => {
    const range = await openRange();
    try {
      const startedAt = Date.now();
      await range.workers.start();
      const polledAt = Date.now();
      const driver = new Driver(range);
      const roots = await driver.startRoots();
      const rootsAt = Date.now();
      await driver.driveAll();
      const drivenAt = Date.now();
      await untilNoneIsOpen(range.temporal);
      const kills = range.workers.killed.length;
      const closedAt = Date.now();
      await range.workers.endKilling();
      expect(kills).toBeGreaterThanOrEqual(LEAST_KILLS);

      const found: number[] = [];
      const gate = new UpdateGate(8);
      await Promise.all(
        roots.map((root) =>
          gate.run('any', async () => {
            const seen = await checkTree(range, driver, root);
            expect(await range.engine.getResult(root)).toEqual({ seen });
            expect(await range.engine.getWorkflowTreeStatus(root)).toMatchObject({
              status: 'completed',
              total_nodes: NODES,
              completed_nodes: NODES,
              failed_nodes: 0,
              terminated_nodes: 0,
              max_depth: 2,
              total_tokens: seen.reduce((sum, n) => sum + tokensOf(n), 0),
            });
            found.push(...seen);
          }),
        ),
      );
      expect(found.sort((a, b) => a - b)).toEqual(
        Array.from({ length: driver.counts.sent }, (_none, n) => n),
      );
      const all = await range.temporal.workflow.count('');
      expect(all.count).toBe(INSTANCES);
      const checkedAt = Date.now();
      const seconds = (from: number, to: number): string => ((to - from) / 1000).toFixed(1);
      console.log(
        `${TREES} trees, ${kills} kills, ${JSON.stringify(driver.counts)}: workers ${seconds(startedAt, polledAt)} s, roots ${seconds(polledAt, rootsAt)} s, driven ${seconds(rootsAt, drivenAt)} s, closed ${seconds(drivenAt, closedAt)} s, checked ${seconds(closedAt, checkedAt)} s`,
      );
    } finally {
      await range.close();
    }
  },
);
