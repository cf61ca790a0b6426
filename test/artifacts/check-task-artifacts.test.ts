import { describe, expect, it } from 'vitest';
import {
  createMemoryArtifactStore,
  saveTaskArtifacts,
  taskPlace,
  taskStem,
  type TaskArtifactsInput,
  type TaskPlace,
} from '../../src/artifacts/index.js';

const place: TaskPlace = { tenant_id: 'default', instance_id: 'wfi_0123456789ab', phase: 'review' };
const parseJson = (text: string): unknown => JSON.parse(text);

describe("a task's artifacts", () => {
  it.each<[string, unknown, string, RegExp]>([
    ['nothing', undefined, 'artifacts', /must be a map/],
    ['null', null, 'artifacts', /must be a map/],
    ['a list', [], 'artifacts', /must be a map/],
    ['a text', 'prompt', 'artifacts', /must be a map/],
    ['an unknown key', { promt: 'x' }, 'promt', /no key "promt": they are prompt, ai_response, record/],
    ['__proto__ as a key', parseJson('{"__proto__":1}'), '__proto__', /no key "__proto__"/],
    ['a prompt that is no text', { prompt: 5 }, 'prompt', /must be a text/],
    ['a bigint in the record', { record: { a: 2n ** 60n } }, 'record', /a: bigint is not JSON/],
    ['NaN in the record', { record: { a: { b: NaN } } }, 'record', /a\.b: NaN is not JSON/],
    ['__proto__ in the record', { record: parseJson('{"__proto__":1}') }, 'record', /the key __proto__/],
    ['a date in the record', { record: { at: new Date(0) } }, 'record', /at: Date is not a plain object/],
    ['2^60 in the record', { record: { n: 2 ** 60 } }, 'record', /beyond 2\^53/],
  ])('are refused by name where they are %s, with nothing written', async (_, input, field, message) => {
    const store = createMemoryArtifactStore();
    const save = saveTaskArtifacts(store, place, input as TaskArtifactsInput);
    await expect(save).rejects.toMatchObject({
      type: 'InvalidInputError',
      message: expect.stringMatching(message) as string,
      details: { field },
    });
    expect(await store.list('')).toEqual([]);
  });

  it('are refused whole where one of them is too big', async () => {
    const store = createMemoryArtifactStore();
    const save = saveTaskArtifacts(store, place, {
      prompt: 'p',
      ai_response: 'x'.repeat(64 * 1024 * 1024 + 1),
    });
    await expect(save).rejects.toMatchObject({ type: 'PayloadTooLargeError' });
    expect(await store.list('')).toEqual([]);
  });

  it('are refused for a place that is no text', () => {
    for (const id of [null, undefined, 5, 5n, {}, [], ['review']]) {
      expect(() => taskPlace(place, id as string)).toThrow(
        expect.objectContaining({ type: 'InvalidInputError' }),
      );
    }
    expect(() => taskStem({ ...place, visit: 5n as unknown as number })).toThrow(/visit cannot be 5/);
  });
});
