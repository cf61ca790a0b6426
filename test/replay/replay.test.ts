/** Replayed code: a history recorded once has to run on this code as it ran then. */
import { temporal } from '@temporalio/proto';
import { DeterminismViolationError } from '@temporalio/workflow';
import { Worker } from '@temporalio/worker';
import { beforeAll, describe, expect, test } from 'vitest';
import { createLogger } from '../../src/platform/logging.js';
import { installTemporalLogger } from '../../src/platform/temporal-logging.js';
import { getWorkflowBundle } from '../support/workflow-bundle.js';
import { FLOW_SHAPES } from './flow-shapes.js';
import { TREE_SHAPES } from './tree-shapes.js';
import { readRecordedHistories, RECORDED_VERSION, type History } from './recorded-history.js';

const { EventType } = temporal.api.enums.v1;
type Event = NonNullable<History['events']>[number];

/** Sinks are not called in a replay. */
const NO_SINKS = { chatflow: { writeSnapshot: { fn: (): void => undefined } } };

const recorded = await readRecordedHistories();

/** What became of each recorded run, by its id; undefined where it was replayed without a complaint. */
const outcomes = new Map<string, Error | undefined>();

// One worker replays all of them: starting one takes longer than most histories.
beforeAll(async () => {
  installTemporalLogger(createLogger({ level: 'error' }));
  const all = recorded.map(({ history }) => ({ workflowId: idOf(history), history }));
  const options = { workflowBundle: await getWorkflowBundle(), sinks: NO_SINKS };
  for await (const { runId, error } of Worker.runReplayHistories(options, all)) outcomes.set(runId, error);
});

async function replay(history: History): Promise<void> {
  await Worker.runReplayHistory(
    { workflowBundle: await getWorkflowBundle(), sinks: NO_SINKS },
    history,
    idOf(history),
  );
}

function idOf({ events }: History): string {
  const [first] = events ?? [];
  return first?.workflowExecutionStartedEventAttributes?.workflowId ?? '';
}

function runIdOf({ events }: History): string {
  const [first] = events ?? [];
  return first?.workflowExecutionStartedEventAttributes?.originalExecutionRunId ?? '';
}

function eventsOf(file: string): Event[] {
  const found = recorded.find((entry) => entry.file === file);
  if (!found) throw new Error(`No history ${file} is recorded`);
  return (found.history.events ?? []).map((event) => ({ ...event }));
}

describe('recorded histories', () => {
  test.each(recorded)('$file is replayed', ({ history }) => {
    const runId = runIdOf(history);
    expect([...outcomes.keys()]).toContain(runId);
    expect(outcomes.get(runId)).toBeUndefined();
  });

  test('there is one of every shape', () => {
    const files = recorded.map(({ file }) => file);
    for (const name of Object.keys({ ...FLOW_SHAPES, ...TREE_SHAPES }))
      expect(files).toContain(`${RECORDED_VERSION}/${name}.1.json`);
    expect(files).toContain(`${RECORDED_VERSION}/continue-as-new.2.json`);
    expect(files).toContain(`${RECORDED_VERSION}/failing-and-retried.2.json`);
  });

  test('name no machine', () => {
    for (const { file, history } of recorded)
      expect(JSON.stringify(history), file).not.toMatch(/"identity"|"stackTrace"|\/tmp\/|\/home\/|\/work\//);
  });
});

const ATTRIBUTES = 'activityTaskScheduledEventAttributes';

describe('a history that this code would not have written', () => {
  test('is refused where two commands have changed their order', async () => {
    const events = eventsOf(`${RECORDED_VERSION}/foreach-executor.1.json`);
    const isExecutor = (event: Event): boolean =>
      event[ATTRIBUTES]?.activityType?.name === 'chatflow.command';
    const [first, second] = events.filter(isExecutor);
    if (!first || !second) throw new Error('two executors are due');
    [first[ATTRIBUTES], second[ATTRIBUTES]] = [second[ATTRIBUTES] ?? null, first[ATTRIBUTES] ?? null];
    await expect(replay({ events })).rejects.toThrow(DeterminismViolationError);
  });

  test('is refused where another command stands in the place of one', async () => {
    const events = eventsOf(`${RECORDED_VERSION}/sequential.1.json`);
    const upsert = events.find((event) => event.upsertWorkflowSearchAttributesEventAttributes);
    if (!upsert) throw new Error('an upsert is due');
    delete upsert.upsertWorkflowSearchAttributesEventAttributes;
    upsert.eventType = EventType.EVENT_TYPE_TIMER_STARTED;
    upsert.timerStartedEventAttributes = { timerId: '1' };
    await expect(replay({ events })).rejects.toThrow(DeterminismViolationError);
  });
});
