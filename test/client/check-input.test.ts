import { describe, expect, test } from 'vitest';
import { checkInput, checkInstanceId } from '../../src/client/check-input.js';
import { expectChatFlowError } from '../support/expect-chatflow-error.js';

describe('what a caller hands over', () => {
  test('plain JSON comes back as it is, without keys that are undefined at the top', () => {
    const input = { trigger_data: { a: [1, 'two', null, { b: true }] }, task: undefined };
    expect(checkInput(input, 'trigger')).toEqual({ trigger_data: input.trigger_data });
    expect(Object.keys(checkInput(input, 'trigger'))).toEqual(['trigger_data']);
  });

  const cyclic: Record<string, unknown> = {};
  cyclic['self'] = cyclic;
  test.each([
    ['NaN', { trigger_data: { x: NaN } }, 'trigger_data.x'],
    ['an infinity', { trigger_data: { x: [Infinity] } }, 'trigger_data.x[0]'],
    ['undefined below the top', { trigger_data: { x: undefined } }, 'trigger_data.x'],
    ['a hole in a list', { trigger_data: { x: [1, undefined] } }, 'trigger_data.x[1]'],
    ['a bigint', { trigger_data: { x: 1n } }, 'trigger_data.x'],
    ['a function', { trigger_data: { x: () => 1 } }, 'trigger_data.x'],
    ['a date', { trigger_data: { at: new Date(0) } }, 'trigger_data.at'],
    ['binary data', { trigger_data: { raw: new Uint8Array(3) } }, 'trigger_data.raw'],
    ['a whole number beyond 2^53', { trigger_data: { id: 2 ** 53 } }, 'trigger_data.id'],
    ['the key __proto__', JSON.parse('{"trigger_data": {"a": {"__proto__": 1}}}') as object, '__proto__'],
    ['the key constructor at the top', { constructor: 1 }, 'constructor'],
    ['a value that contains itself', cyclic, 'self.self'],
    ['a list in place of an object', [1, 2], 'object'],
    ['null', null, 'object'],
    ['a text', 'approve', 'object'],
  ])('%s is refused, and the message says where', async (_name, input, place) => {
    const error = await expectChatFlowError('InvalidInputError', () => checkInput(input, 'trigger'));
    expect(error.message).toContain(place);
  });

  test('3 MB are refused by their size, with the limit, before anything is sent', async () => {
    const big = { trigger_data: { text: 'x'.repeat(3 * 1024 * 1024) } };
    const error = await expectChatFlowError('PayloadTooLargeError', () => checkInput(big, 'trigger'));
    expect(error.details['limit']).toBe(1024 * 1024);
    expect(error.details['bytes']).toBeGreaterThan(3 * 1024 * 1024);
  });

  test('an object that has grown since it was last sent is measured again', async () => {
    const data: Record<string, string> = { text: 'small '.repeat(100) };
    checkInput({ trigger_data: data }, 'trigger');
    data['text'] = 'x'.repeat(2 * 1024 * 1024);
    await expectChatFlowError('PayloadTooLargeError', () => checkInput({ trigger_data: data }, 'trigger'));
  });

  test('exactly 1 MiB is let through', () => {
    const empty = Buffer.byteLength(JSON.stringify({ trigger_data: { text: '' } }));
    const text = 'x'.repeat(1024 * 1024 - empty);
    expect(() => checkInput({ trigger_data: { text } }, 'trigger')).not.toThrow();
    expect(() => checkInput({ trigger_data: { text: `${text}x` } }, 'trigger')).toThrow(/limit/);
  });
});

test.each([[''], [undefined], [7], ['x'.repeat(1001)]])('%j is no instance id', async (id) => {
  await expectChatFlowError('InvalidInputError', () => checkInstanceId(id));
});
