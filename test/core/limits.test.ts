import { describe, expect, test } from 'vitest';
import { decodeClaim, decodeLease } from '../../src/core/decode-input.js';
import type { Problem } from '../../src/core/errors.js';
import { LIMITS } from '../../src/core/limits.js';
import type { TaskDefinition } from '../../src/definition/definition.js';
import { jsonSize } from '../../src/json/json-size.js';
import type { Json } from '../../src/json/json.js';
import { CoreDriver } from '../support/core-driver.js';
import { readDefinition } from '../support/read-definition.js';

const ONE_AGENT = `
phases:
  - name: work
    task: Work
    next: work
`;

/** The time of a run in milliseconds. */
function timed(run: () => void): number {
  const before = performance.now();
  run();
  return performance.now() - before;
}

describe('limits of an instance', () => {
  test('the last 1,000 trigger ids are remembered, and no more', () => {
    const driver = new CoreDriver(ONE_AGENT, { checks: false });
    for (let index = 0; index <= 1000; index++) driver.trigger({}, { trigger_id: `t${index}` });
    expect(driver.state.applied).toHaveLength(1000);
    expect(driver.trigger({}, { trigger_id: 't1' }).duplicate).toBe(true);
    expect(driver.trigger({}, { trigger_id: 't0' }).duplicate).toBe(false);
  });

  test('a pause keeps 1,000 signals and refuses the next, which is told so', () => {
    const driver = new CoreDriver(ONE_AGENT, { checks: false });
    driver.pause();
    for (let index = 0; index < 1000; index++) driver.trigger({ n: index }, {}, 'signal');
    expect(driver.refusedTrigger({}, 'signal')).toMatchObject({
      type: 'WorkflowPausedError',
      details: { limit: 1000 },
    });
    driver.resume();
    expect(driver.state.triggers).toBe(1000);
    expect(driver.state.variables).toEqual({ n: 999 });
    expect(driver.state.current?.visit).toBe(1001);
    expect(driver.state.status).toBe('running');
  });

  test('a task keeps 100 early triggers and refuses the next', () => {
    const driver = new CoreDriver(
      `
phases:
  - { name: first, task: First }
  - { name: second, task: Second, early: keep }
`,
      { checks: false },
    );
    for (let index = 0; index < 100; index++) driver.trigger({}, { task: 'second/second' });
    expect(driver.refusedTrigger({ task: 'second/second' })).toMatchObject({ type: 'TaskNotFoundError' });
  });

  test('a trigger that would grow the state beyond 1 MiB is refused, and nothing is lost', () => {
    const driver = new CoreDriver(ONE_AGENT, { checks: false });
    const chunk = 'x'.repeat(100_000);
    let merged = 0;
    let refusal = null;
    while (!refusal && merged < 20) {
      const { refusal: refused } = driver.offer({
        type: 'trigger_received',
        via: 'update',
        input: { trigger_data: { [`k${merged}`]: chunk }, trigger_id: `t${merged}` },
      });
      if (refused) refusal = refused;
      else merged += 1;
    }
    expect(refusal).toMatchObject({ type: 'PayloadTooLargeError', details: { limit: 1_048_576 } });
    expect(refusal?.message).toContain('artifacts');
    expect(merged).toBe(10);
    expect(Object.keys(driver.state.variables)).toHaveLength(merged);
    expect(jsonSize(driver.state as unknown as Json)).toBeLessThanOrEqual(LIMITS.stateBytes);
    expect(driver.trigger({ small: 1 }, { trigger_id: `t${merged}` }).applied).toBe(true);
    expect(driver.state.status).toBe('running');
  });

  test('held results take no room of held triggers', () => {
    const driver = new CoreDriver(
      `
phases:
  - { name: each, executor: { activity: each }, foreach: variables.items, max_parallel: 300 }
`,
      { checks: false, context: { items: Array.from({ length: 300 }, (_, index) => index) } },
    );
    const keys = [...driver.inFlight];
    expect(keys).toHaveLength(300);
    driver.pause();
    for (const key of keys) driver.send({ type: 'activity_completed', key, result: {} });
    for (let index = 0; index < 1000; index++) driver.trigger({}, {}, 'signal');
    expect(driver.refusedTrigger({}, 'signal')).toMatchObject({ details: { limit: 1000 } });
  });

  describe('a state at its limit', () => {
    /** An instance whose state has grown to the last kilobyte of its limit. */
    function fullInstance(): CoreDriver {
      const driver = new CoreDriver(
        `
phases:
  - name: work
    task: Work
    next: [{ when: 'trigger.?done.orValue(false)', goto: end }, { goto: work }]
`,
        { checks: false },
      );
      for (const bytes of [100_000, 10_000, 500]) {
        for (let index = 0; !offerText(driver, `k${bytes}_${index}`, bytes); index++);
      }
      return driver;
    }

    function offerText(driver: CoreDriver, key: string, bytes: number): Problem | null {
      const input = { trigger_data: { [key]: 'x'.repeat(bytes) } };
      return driver.offer({ type: 'trigger_received', via: 'update', input }).refusal;
    }

    test('takes what steers the instance', () => {
      const driver = fullInstance();
      const quota = { max_tokens: 1e12, max_duration_sec: 1e9, max_cost_usd: 123_456_789, max_children: 1e6 };
      expect(driver.send({ type: 'quota_extended', quota })).toMatchObject({ status: 'running' });
      expect(driver.send({ type: 'automation_level_set', level: 100 })).toMatchObject({ status: 'running' });
      driver.claim({ agent_id: 'a'.repeat(200), lease_sec: 60 });
      driver.send({ type: 'pause_requested', reason: 'r'.repeat(900) });
      expect(driver.send({ type: 'resume_requested' })).toMatchObject({ status: 'running' });
    });

    test('takes the trigger that closes it, and refuses one that only adds to it', () => {
      const driver = fullInstance();
      expect(offerText(driver, 'more', 2000)?.message).toContain('overwrites a large variable makes room');
      expect(driver.trigger({ done: true, note: 'x'.repeat(2000) })).toMatchObject({ status: 'completed' });
    });

    test('has no more room than that', () => {
      const driver = fullInstance();
      const variables = { more: 'x'.repeat(20_000) };
      const rewind = driver.offer({ type: 'rewind_requested', request: { phase: 'work', variables } });
      expect(rewind.refusal).toMatchObject({ type: 'PayloadTooLargeError' });
      const input = { trigger_data: { done: true, more: 'x'.repeat(70_000) } };
      const closing = driver.offer({ type: 'trigger_received', via: 'update', input });
      expect(closing.refusal).toMatchObject({ type: 'PayloadTooLargeError' });
    });
  });

  test('a result that would grow the state beyond 1 MiB fails its task, without another attempt', () => {
    const driver = new CoreDriver(`
phases:
  - name: fetch
    executor: { activity: fetch }
    retry: { max_attempts: 5 }
    on_failure: [{ errors: [PayloadTooLargeError], goto: mend }]
    next: end
  - name: mend
    task: "Mend \${error.type}"
`);
    driver.complete('fetch#1/fetch', { body: 'x'.repeat(LIMITS.stateBytes), usage: { tokens: 9 } });
    expect(driver.state.current?.phase).toBe('mend');
    expect(driver.state.usage.tokens).toBe(9);
    expect(driver.schedules.size).toBe(1);
  });

  test('a failure with details that have no room loses them, not its type', () => {
    const driver = new CoreDriver('phases: [{ name: fetch, executor: { activity: fetch } }]');
    driver.fail('fetch#1/fetch', {
      type: 'HttpError',
      message: 'm'.repeat(5000),
      details: 'x'.repeat(LIMITS.stateBytes),
    });
    expect(driver.state.failure).toMatchObject({ type: 'HttpError', message: 'm'.repeat(2000) });
    expect(driver.state.failure?.details).toBeUndefined();
  });

  test('a held result that has no room fails its own task at the resume, and the rest is applied', () => {
    const driver = new CoreDriver(
      `
phases:
  - name: both
    execution_strategy: parallel
    tasks:
      - { name: big, executor: { activity: a }, outputs: { copy: result }, on_failure: continue }
      - { name: small, executor: { activity: b }, outputs: { ok: result.ok } }
      - { name: agent, task: Agent }
`,
      { context: { pad: 'x'.repeat(550_000) } },
    );
    driver.pause();
    driver.complete('both#1/big', 'y'.repeat(250_000));
    driver.trigger({ n: 1 }, { task: 'agent' }, 'signal');
    driver.complete('both#1/small', { ok: true });
    driver.resume();
    expect(driver.state.tasks['both#1/big']).toMatchObject({
      status: 'failed',
      error: { type: 'PayloadTooLargeError' },
    });
    expect(driver.state.status).toBe('completed');
    expect(driver.state.variables).toMatchObject({ ok: true, n: 1 });
  });

  test('an instance that outgrows its limit as it starts fails with a reason', () => {
    const text = 'x'.repeat(200_000);
    const driver = new CoreDriver(
      `
phases:
  - name: each
    task: "\${variables.text}"
    foreach: "[1, 2, 3, 4, 5, 6, 7, 8]"
`,
      { context: { text } },
    );
    expect(driver.state).toMatchObject({ status: 'failed', failure: { type: 'PayloadTooLargeError' } });
  });

  test('a doubling expression in a loop ends as ExpressionError, not in the heap', () => {
    const driver = new CoreDriver(
      `
phases:
  - name: double
    tasks: []
    outputs: { text: variables.text + variables.text }
    next: double
`,
      { context: { text: 'x' } },
    );
    expect(driver.state).toMatchObject({
      status: 'failed',
      failure: { type: 'ExpressionError', phase: 'double' },
    });
    expect(driver.state.failure?.message).toContain('double.outputs');
  });

  test('a doubling list in a loop that waits ends as ExpressionError too', () => {
    const driver = new CoreDriver(
      `
phases:
  - name: double
    task: Double
    outputs: { list: variables.list + variables.list }
    next: double
`,
      { context: { list: [1, 2, 3] }, checks: false },
    );
    for (let round = 0; round < 20 && driver.state.closed_at === null; round++) driver.trigger({ round });
    expect(driver.state.failure).toMatchObject({ type: 'ExpressionError', phase: 'double' });
  });

  test('nested macros over a long list are stopped by the budget of the event', () => {
    const driver = new CoreDriver(
      `
phases:
  - name: nested
    task: Nested
    condition: variables.l.all(a, variables.l.all(b, variables.l.all(c, a + b + c >= 0)))
`,
      { context: { l: Array.from({ length: 2000 }, (_, index) => index) } },
    );
    expect(driver.state.failure).toMatchObject({ type: 'ExpressionError', phase: 'nested' });
    expect(driver.state.failure?.message).toContain('1000000');
  });
});

const fanOut = (tasks: number): string => `
phases:
  - name: fan
    execution_strategy: parallel
    tasks:
${Array.from({ length: tasks }, (_, index) => `      - { name: t${index}, task: T, foreach: variables.list, max_parallel: 500 }`).join('\n')}
`;
const list = (length: number): number[] => Array.from({ length }, (_, index) => index);

describe('many open tasks', () => {
  test('a hundred open tasks close one by one, each under a millisecond or two', () => {
    const driver = new CoreDriver(fanOut(1), { context: { list: list(100) }, checks: false });
    expect(driver.open).toHaveLength(100);
    const ms = timed(() => {
      for (const task of driver.open) driver.trigger({ ok: true }, { task });
    });
    expect(driver.state.status).toBe('completed');
    expect(ms).toBeLessThan(1000);
  });

  test('ten thousand open tasks have no room in the state: the instance fails at once, with the reason', () => {
    let driver: CoreDriver | undefined;
    const ms = timed(() => {
      driver = new CoreDriver(fanOut(20), { context: { list: list(500) }, checks: false });
    });
    expect(driver?.state).toMatchObject({ status: 'failed', failure: { type: 'PayloadTooLargeError' } });
    expect(ms).toBeLessThan(5000);
  });

  test('a refusal with a thousand open tasks names twenty of them', () => {
    const driver = new CoreDriver(fanOut(2), { context: { list: list(500) }, checks: false });
    const problem = driver.refusedTrigger({});
    expect(problem.type).toBe('TaskNotFoundError');
    expect(problem.message).toContain('and 980 more');
    expect(problem.details).toMatchObject({ open_count: 1000 });
  });
});

describe('figures that the documents promise', () => {
  test.each(['as it is read', 'normalised without one'])('an executor has 3,600 seconds, %s', (how) => {
    const definition = readDefinition('phases: [{ name: call, executor: { activity: call } }]');
    const bare = ({ timeout_sec: _, ...task }: TaskDefinition): TaskDefinition => task;
    const phases = definition.phases.map((phase) => ({ ...phase, tasks: phase.tasks.map(bare) }));
    const driver = new CoreDriver(how === 'as it is read' ? definition : { ...definition, phases });
    expect(driver.schedules.get('call#1/call/1')?.timeout_sec).toBe(3600);
    driver.advance(3_599_999);
    expect(driver.state.status).toBe('running');
    driver.advance(1);
    expect(driver.state).toMatchObject({ status: 'failed', failure: { type: 'TimeoutError' } });
  });

  test('an executor of the engine beats every 10 seconds', () => {
    const driver = new CoreDriver('phases: [{ name: call, executor: { http: { url: "http://h/" } } }]');
    expect(driver.schedules.get('call#1/call/1')?.heartbeat_sec).toBe(10);
  });

  test('500 elements of a foreach are open at once, whatever a normalised definition holds', () => {
    const definition = readDefinition(fanOut(1));
    const wider = ({ max_parallel: _width, ...task }: TaskDefinition): TaskDefinition => ({
      ...task,
      max_parallel: 2000,
    });
    const phases = definition.phases.map((phase) => ({ ...phase, tasks: phase.tasks.map(wider) }));
    const driver = new CoreDriver({ ...definition, phases }, { context: { list: list(520) }, checks: false });
    expect(driver.open).toHaveLength(500);
    driver.trigger({}, { task: 'fan#1/t0[0]' });
    expect(driver.open).toHaveLength(500);
    expect(() => readDefinition(fanOut(1).replace('500', '501'))).toThrow('500');
  });

  test('a lease is 86,400 seconds at most', () => {
    const claim = (lease_sec: number): unknown => decodeClaim([{ agent_id: 'ann', lease_sec }]);
    const extend = (lease_sec: number): unknown =>
      decodeLease('heartbeat_task', [{ claim_id: 'c', lease_sec }]);
    for (const decode of [claim, extend]) {
      expect(decode(86_400)).toMatchObject({ lease_sec: 86_400 });
      expect(() => decode(86_401)).toThrow('86400');
    }
  });

  test('cost adds up in millionths of a dollar', () => {
    const driver = new CoreDriver(ONE_AGENT);
    for (const cost_usd of [0.1, 0.2]) driver.trigger({}, { usage: { cost_usd } });
    expect(driver.state.usage.cost_usd).toBe(0.3);
  });
});

describe('a thousand open activities', () => {
  test('are as many as run at once; more wait their turn', () => {
    const flow = `
phases:
  - name: fan
    execution_strategy: parallel
    tasks:
      - { name: a, executor: { activity: go }, foreach: variables.list, max_parallel: 500 }
      - { name: b, executor: { activity: go }, foreach: variables.list, max_parallel: 500 }
      - { name: c, executor: { activity: go }, foreach: variables.list, max_parallel: 500 }
`;
    const driver = new CoreDriver(flow, { context: { list: list(400) }, checks: false });
    expect(driver.schedules.size).toBe(1000);
    expect(driver.state.queue).toHaveLength(200);
    driver.complete('fan#1/a[0]');
    expect(driver.schedules.size).toBe(1001);
    driver.cancel();
    expect(driver.state).toMatchObject({ status: 'cancelled', queue: [], running_activities: 1000 });
    for (const key of driver.inFlight) driver.fail(key, { type: 'CancelledError' });
    expect(driver.state.running_activities).toBe(0);
  });

  test('draining starts none until the next run has begun', () => {
    const driver = new CoreDriver(`
phases:
  - { name: a, executor: { activity: a }, compensate: { activity: undo } }
  - { name: b, executor: { activity: b } }
`);
    driver.send({ type: 'drain_requested' });
    driver.complete('a#1/a');
    expect(driver.log).toEqual(['schedule a#1/a/1 a']);
    expect(driver.state.queue).toEqual(['b#1/b']);
    driver.continueAsNew();
    expect(driver.log).toHaveLength(2);
    driver.send({ type: 'drain_requested' });
    driver.fail('b#1/b');
    expect(driver.inFlight.size).toBe(0);
    driver.continueAsNew();
    driver.complete('compensate:a#1/a');
    expect(driver.state.status).toBe('failed');
  });
});

/** Runs a foreach of executors to its end; the audit events move away as they do at a continue-as-new. */
function runForeach(elements: number): CoreDriver {
  const driver = new CoreDriver(
    `
phases:
  - name: each
    executor: { activity: go, input: { n: "\${item}" } }
    foreach: variables.list
    max_parallel: 100
`,
    { context: { list: list(elements) }, checks: false },
  );
  for (let index = 0; index < elements; index++) {
    driver.complete(`each#1/each[${index}]/1`, {});
    if (driver.state.events.length > 900 && driver.state.closed_at === null) driver.continueAsNew();
  }
  return driver;
}

describe('a foreach of ten thousand executors', () => {
  test('runs to its end within the limit of the state, in time that grows with the number of elements', () => {
    runForeach(500);
    const thousand = timed(() => runForeach(1000));
    let driver: CoreDriver | undefined;
    const tenThousand = timed(() => {
      driver = runForeach(10_000);
    });
    expect(driver?.state.status).toBe('completed');
    expect(driver?.schedules.size).toBe(10_000);
    expect(tenThousand / thousand).toBeLessThan(30);
  });
});
