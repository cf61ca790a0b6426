/** Small random definitions: every strategy, kind and way out, whether they make sense or not. */
import fc from 'fast-check';
import type { Json, JsonObject } from '../../src/json/json.js';

const PHASES = ['p0', 'p1', 'p2', 'p3'] as const;

const condition = fc.constantFrom(
  'true',
  'false',
  'variables.?x.orValue(0) > 2',
  'variables.x > 1',
  'phases.p0.visits < 3',
  'phases.p1.status != "failed"',
  'trigger.?decision.orValue("") != "again"',
  'instance.automation_level > 50',
  'usage.tokens < 50',
);

const outputs = fc.constantFrom<JsonObject>(
  { x: 'variables.?x.orValue(0) + 1' },
  { y: 'trigger' },
  { z: 'trigger.n' },
  { last: 'phases.p0.output', list: '[1, 2]' },
);

/** A key that one in four has. */
const maybe = (arbitrary: fc.Arbitrary<Json>, key: string): fc.Arbitrary<JsonObject> =>
  fc.oneof(
    { weight: 3, arbitrary: fc.constant<JsonObject>({}) },
    { weight: 1, arbitrary: arbitrary.map((value) => ({ [key]: value })) },
  );

/** Written out, or by a template that may give more than it should. */
const number = (literal: fc.Arbitrary<Json>): fc.Arbitrary<Json> =>
  fc.oneof(
    { weight: 3, arbitrary: literal },
    {
      weight: 1,
      arbitrary: fc.constantFrom('${variables.?x.orValue(1)}', '${phases.p0.visits + 1}', '${usage.tokens}'),
    },
  );

const merge = (...parts: fc.Arbitrary<JsonObject>[]): fc.Arbitrary<JsonObject> =>
  fc.tuple(...parts).map((objects) => Object.assign({}, ...objects) as JsonObject);

const activity = fc.constant({ activity: 'go', input: { x: '${variables.?x.orValue(0)}' } });

const kind: fc.Arbitrary<JsonObject> = fc.oneof(
  { weight: 4, arbitrary: fc.constant<JsonObject>({ task: 'Do ${variables.?x.orValue("it")}' }) },
  {
    weight: 3,
    arbitrary: merge(
      fc.constant<JsonObject>({ executor: { activity: 'go', input: { at: '${instance.id}' } } }),
      maybe(activity, 'compensate'),
    ),
  },
  {
    weight: 2,
    arbitrary: fc.constantFrom<JsonObject>(
      { approval: 'Fine?' },
      { approval: 'Fine?', automation: 40 },
      { approval: 'Fine?', automation: 70, auto: 'reject' },
    ),
  },
  {
    weight: 1,
    arbitrary: fc.constantFrom<JsonObject>(
      { wait: { for_sec: 5 } },
      { wait: { when: 'variables.?x.orValue(0) > 3' } },
      { wait: { until: '"2026-01-01T00:00:30Z"' } },
    ),
  },
);

const failureTarget = fc.constantFrom(...PHASES, 'fail', 'cancel', 'end', 'end_now');
const onFailure = (extra: readonly string[]): fc.Arbitrary<JsonObject[]> =>
  fc.array(
    fc.record({
      errors: fc.constantFrom(['Http*'], ['TimeoutError', 'JoinError'], ['*']),
      goto: fc.oneof(failureTarget, fc.constantFrom(...extra, 'fail')),
    }),
    { minLength: 1, maxLength: 2 },
  );

/** Keys that any task may have. */
const shared = merge(
  maybe(fc.constantFrom('[1, 2, 3]', 'variables.?list.orValue([])', '[]'), 'foreach'),
  maybe(fc.integer({ min: 1, max: 100 }), 'timeout_sec'),
  maybe(
    fc.record({
      max_attempts: number(fc.integer({ min: 1, max: 3 })),
      initial_interval_sec: number(fc.constant(2)),
    }),
    'retry',
  ),
  maybe(number(fc.constantFrom(0, 60, 80)), 'automation'),
  maybe(number(fc.constantFrom(1, 2)), 'max_parallel'),
);

function task(name: string, inConcurrent: boolean): fc.Arbitrary<JsonObject> {
  const failure = inConcurrent
    ? maybe(fc.constantFrom('continue', 'fail'), 'on_failure')
    : maybe(onFailure(['continue', 'continue']), 'on_failure');
  return merge(
    fc.constant<JsonObject>({ name }),
    kind,
    shared,
    failure,
    maybe(condition, 'condition'),
    maybe(outputs, 'outputs'),
  ).map((made) => ('task' in made ? { ...made, early: 'keep' } : made));
}

const strategy = fc.constantFrom('sequential', 'parallel', 'concurrent');

const work: fc.Arbitrary<JsonObject> = fc.oneof(
  merge(kind, shared),
  strategy.chain((execution_strategy) =>
    fc
      .integer({ min: 0, max: 3 })
      .chain((count) =>
        fc.tuple(
          ...Array.from({ length: count }, (_, index) =>
            task(`t${index}`, execution_strategy === 'concurrent'),
          ),
        ),
      )
      .chain((tasks) =>
        merge(
          fc.constant<JsonObject>({ execution_strategy, tasks }),
          tasks.length > 0
            ? maybe(number(fc.constantFrom<Json>('all', 'any', tasks.length)), 'join')
            : fc.constant({}),
          tasks.length > 0 ? maybe(number(fc.constant(1)), 'require') : fc.constant({}),
        ),
      ),
  ),
);

const next = fc.array(
  fc.record({ when: condition, goto: fc.oneof(fc.constantFrom(...PHASES), failureTarget) }),
  { minLength: 1, maxLength: 2 },
);

const phase = (name: string): fc.Arbitrary<JsonObject> =>
  merge(
    fc.constant<JsonObject>({ name }),
    work,
    maybe(condition, 'condition'),
    maybe(fc.constantFrom(...PHASES), 'fallback_phase'),
    maybe(next, 'next'),
    maybe(outputs, 'outputs'),
    maybe(number(fc.integer({ min: 1, max: 4 })), 'max_visits'),
    maybe(fc.constantFrom(...PHASES), 'on_timeout'),
    maybe(onFailure([]), 'on_failure'),
  ).map((made) =>
    'fallback_phase' in made && !('condition' in made)
      ? { ...made, condition: 'variables.?y.orValue(1) == 1' }
      : made,
  );

/** A definition as JSON, which is YAML too. */
export const randomDefinition: fc.Arbitrary<string> = merge(
  fc.constant<JsonObject>({ name: 'random', version: '1' }),
  maybe(fc.constantFrom('p3'), 'finally'),
  maybe(onFailure([]), 'on_failure'),
  maybe(fc.constantFrom('pause', 'fail'), 'on_quota_exceeded'),
  maybe(
    fc.constantFrom<JsonObject>({ max_tokens: 60 }, { max_duration_sec: 120 }, { max_cost_usd: 2 }),
    'default_resource_quota',
  ),
  maybe(fc.constantFrom<JsonObject>({ x: 'variables.?x.orValue(0)' }, { x: 'variables.x' }), 'result'),
  fc.tuple(...PHASES.map(phase)).map((phases) => ({ phases })),
).map(({ finally: last, ...document }) => {
  // One that waits for what never holds could only be terminated.
  const { phases } = document as { readonly phases: readonly JsonObject[] };
  const mayHang = JSON.stringify(phases.at(-1)).includes('"wait":{"when"');
  if (last === undefined || mayHang) return JSON.stringify(document);
  return leadElsewhere(JSON.stringify({ ...document, finally: last }));
});

/** Only the end of an instance leads to `finally`. */
function leadElsewhere(document: string): string {
  return document
    .replaceAll('"goto":"p3"', '"goto":"end"')
    .replaceAll(/"(fallback_phase|on_timeout)":"p3"/g, '"$1":"p2"');
}
