import { describe, expect, test } from 'vitest';
import * as decode from '../../src/core/decode-input.js';
import { ChatFlowError } from '../../src/core/errors.js';
import { LIMITS } from '../../src/core/limits.js';

type Decode = (args: readonly unknown[]) => unknown;

const DECODERS: Readonly<Record<string, { readonly run: Decode; readonly good: unknown }>> = {
  trigger: {
    run: decode.decodeTrigger,
    good: {
      trigger_data: { a: [1, null] },
      meta: {},
      task: 'a#1/a',
      expected_phase: 'a#1',
      trigger_id: 't',
      claim_id: 'c',
      outcome: 'failed',
      error: { type: 'X', message: 'm', details: [1] },
      usage: { tokens: 0, cost_usd: 0.5 },
      artifacts: [],
    },
  },
  claim: { run: decode.decodeClaim, good: { agent_id: 'a', task: 't', lease_sec: 86_400, request_id: 'r' } },
  lease: { run: (args) => decode.decodeLease('heartbeat_task', args), good: { claim_id: 'c', lease_sec: 1 } },
  pause: { run: decode.decodePause, good: { reason: 'r', tree: true } },
  resume: { run: decode.decodeResume, good: { tree: false } },
  level: { run: decode.decodeLevel, good: { level: 0 } },
  quota: {
    run: decode.decodeQuota,
    good: { max_tokens: 1, max_duration_sec: 0.5, max_cost_usd: 2, max_children: 3 },
  },
  rewind: {
    run: decode.decodeRewind,
    good: { phase: 'p', variables: {}, guidance: 'g', rerun_children: true },
  },
  retry_task: {
    run: decode.decodeRetryTask,
    good: { task: 't', guidance: 'g', resource_quota: { max_tokens: 1 } },
  },
  retry: { run: decode.decodeRetry, good: { guidance: 'g', resource_quota: {} } },
  subworkflow: {
    run: decode.decodeSubworkflow,
    good: { schema_id: 's', context: {}, meta: {}, request_id: 'r', on_failure: 'fail' },
  },
  history: { run: decode.decodeHistoryRequest, good: { after: 3 } },
  monitor: { run: decode.decodeMonitorRequest, good: { depth: 2 } },
};

/** What `run` refuses a value with; fails where it takes it, or throws anything else. */
function refusalOf(run: Decode, args: readonly unknown[]): ChatFlowError {
  try {
    run(args);
  } catch (error) {
    if (error instanceof ChatFlowError) return error;
    throw error;
  }
  throw new Error(`${JSON.stringify(args)} was taken`);
}

const deep = (levels: number): unknown => (levels === 0 ? 1 : { a: deep(levels - 1) });

/** What no input may be, whatever it is for. */
const HOSTILE: readonly (readonly [name: string, value: unknown, says: RegExp])[] = [
  ['null', null, /must be an object/],
  ['a number', 1, /must be an object/],
  ['a text', 'x', /must be an object/],
  ['a list', [], /must be an object/],
  ['undefined', undefined, /not JSON/],
  ['NaN inside', { a: Number.NaN }, /NaN is not JSON/],
  ['an infinity', { a: Number.POSITIVE_INFINITY }, /Infinity is not JSON/],
  ['a bigint', { a: 1n }, /bigint is not JSON/],
  ['a function', { a: () => 1 }, /function is not JSON/],
  ['a whole number beyond 2^53', { a: 2 ** 53 }, /beyond 2\^53/],
  ['the key __proto__', JSON.parse('{"__proto__": {"x": 1}}'), /__proto__/],
  ['the key constructor at depth', { a: [{ constructor: 1 }] }, /constructor/],
  ['the key prototype', { prototype: {} }, /prototype/],
  ['a date', { a: new Date(0) }, /not/],
  ['bytes', new Uint8Array([1, 2]), /not|must be/],
  ['too many levels', { a: deep(80) }, /64 levels/],
  [
    'what could not be decoded',
    { chatflow_undecodable: 'Unexpected token N' },
    /could not be decoded.*token N/,
  ],
  ['an unknown key', { nonsense: 1 }, /unknown key "nonsense"; known: /],
  ['an inherited name as a key', { toString: 1 }, /unknown key "toString"/],
];

describe.each(Object.entries(DECODERS))('the input of %s', (_name, { run, good }) => {
  test('is taken as it is where it is good', () => {
    expect(run([good])).toEqual(good);
  });

  test.each(HOSTILE)('is no %s', (_what, value, says) => {
    const error = refusalOf(run, [value]);
    expect(error.type).toBe('InvalidInputError');
    expect(error.message).toMatch(says);
  });

  test('is one argument', () => {
    expect(refusalOf(run, [good, good]).message).toContain('one argument, 2 were given');
  });

  test.each(Object.keys(good as object))('refuses a wrong %s by its name', (key) => {
    const error = refusalOf(run, [{ ...(good as object), [key]: [[]] }]);
    expect(error.type).toBe('InvalidInputError');
    expect(error.message).toContain(key);
  });
});

describe('what a trigger carries', () => {
  test.each([
    [{ usage: { tokens: -1 } }, 'usage .tokens must be a number of at least 0'],
    [{ usage: { token: 1 } }, 'unknown key "token"'],
    [{ outcome: 'done' }, 'one of completed, failed'],
    [{ error: { type: 'X', message: 'm' } }, 'outcome: failed'],
    [{ outcome: 'failed', error: { type: 'X' } }, 'lacks message'],
    [{ trigger_id: '' }, 'non-empty string'],
    [{ trigger_id: 'x'.repeat(256) }, 'at most 255'],
    [{ artifacts: [{ name: 'a' }] }, '[0] lacks uri'],
    [{ artifacts: Array.from({ length: 101 }, () => ({})) }, 'at most 100'],
  ])('%j is refused', (input, says) => {
    expect(refusalOf(decode.decodeTrigger, [input]).message).toContain(says);
  });

  test('a trigger of 3 MB is refused before anything looks at it', () => {
    const error = refusalOf(decode.decodeTrigger, [{ trigger_data: { text: 'x'.repeat(3_000_000) } }]);
    expect(error).toMatchObject({ type: 'PayloadTooLargeError', details: { limit: LIMITS.triggerBytes } });
    expect(error.message).toContain('artifacts');
  });
});

describe('optional arguments', () => {
  test.each(['pause', 'resume', 'retry', 'history', 'monitor'])('%s may have none', (name) => {
    expect(DECODERS[name]?.run([])).toEqual({});
  });

  test.each(['trigger', 'claim', 'lease', 'level', 'quota', 'rewind', 'retry_task', 'subworkflow'])(
    '%s needs one',
    (name) => {
      expect(refusalOf(DECODERS[name]?.run ?? (() => null), []).message).toContain('needs an argument');
    },
  );
});

describe('a batch', () => {
  test('is one list, whose elements are looked at one by one later', () => {
    expect(decode.decodeBatch([[{ a: Number.NaN }, 3]])).toHaveLength(2);
  });

  test.each([
    [[], 'takes one list'],
    [[[], []], '2 arguments'],
    [[{}], 'a list of triggers'],
    [[null], 'a list of triggers'],
    [[{ chatflow_undecodable: 'binary/plain' }], 'could not be decoded'],
    [[Array.from({ length: 1001 }, () => ({}))], 'at most 1000'],
  ])('%# is refused', (args, says) => {
    expect(refusalOf(decode.decodeBatch, args).message).toContain(says);
  });
});

describe('artifacts', () => {
  const ref = {
    name: 'plan.md',
    uri: 'file:plan.md',
    sha256: 'a'.repeat(64),
    size_bytes: 3,
    media_type: 'text/markdown',
    kind: 'output',
    created_at: '2026-01-01T00:00:00Z',
  };

  test('are a list of references', () => {
    expect(decode.decodeArtifacts([[ref]])).toEqual([ref]);
  });

  test.each([
    [[], 'one list'],
    [[ref], 'must be a list'],
    [[[{ ...ref, sha256: 'A'.repeat(64) }]], '[0] .sha256 must be 64 hex digits'],
    [[[{ ...ref, kind: 'secret' }]], 'one of prompt'],
    [[[{ ...ref, more: 1 }]], 'unknown key "more"'],
    [[[{ ...ref, size_bytes: Number.NaN }]], 'NaN is not JSON'],
  ])('%# is refused', (args, says) => {
    expect(refusalOf(decode.decodeArtifacts, args).message).toContain(says);
  });
});

describe('fields of a start', () => {
  const { level, id, quota, object } = decode.START_SHAPE;
  test.each([
    [level, 60, null],
    [level, 101, 'from 0 to 100'],
    [id, 'x', null],
    [id, '', 'non-empty'],
    [object, {}, null],
    [object, [], 'must be an object'],
    [object, { a: Number.NaN }, 'NaN'],
    [quota, { max_tokens: 0 }, 'above 0'],
    [quota, { max_token: 1 }, 'unknown key'],
  ])('%# is judged', (check, value, says) => {
    const problem = decode.checkStartField(check, value);
    if (says === null) expect(problem).toBeNull();
    else expect(problem).toContain(says);
  });
});
