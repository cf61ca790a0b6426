import { expect, test } from 'vitest';
import { UpdateGate } from '../../src/client/update-gate.js';

/** Calls that end when the test says so. */
function manualCalls() {
  const started: string[] = [];
  const ends = new Map<string, (error?: Error) => void>();
  const call = (name: string) => () => {
    started.push(name);
    return new Promise<string>((resolve, reject) => {
      ends.set(name, (error) => (error === undefined ? resolve(name) : reject(error)));
    });
  };
  return { started, call, end: (name: string, error?: Error) => ends.get(name)?.(error) };
}

const tick = () => new Promise((resolve) => setImmediate(resolve));

test('calls of one instance wait for their turn, in order; another instance does not wait', async () => {
  const { started, call, end } = manualCalls();
  const gate = new UpdateGate(2);
  const all = ['a1', 'a2', 'a3', 'a4'].map((name) => gate.run('a', call(name)));
  const other = gate.run('b', call('b1'));
  await tick();
  expect(started).toEqual(['a1', 'a2', 'b1']);
  end('a2');
  await tick();
  expect(started).toEqual(['a1', 'a2', 'b1', 'a3']);
  for (const name of ['a1', 'a3', 'b1']) end(name);
  await tick();
  end('a4');
  expect(await Promise.all([...all, other])).toEqual(['a1', 'a2', 'a3', 'a4', 'b1']);
});

test('a call that fails gives its place back', async () => {
  const { started, call, end } = manualCalls();
  const gate = new UpdateGate(1);
  const failing = gate.run('a', call('first'));
  const next = gate.run('a', call('second'));
  await tick();
  end('first', new Error('refused'));
  await expect(failing).rejects.toThrow('refused');
  await tick();
  expect(started).toEqual(['first', 'second']);
  end('second');
  expect(await next).toBe('second');
});
