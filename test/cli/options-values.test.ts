/** Values that an option does not take: refused before anything is asked. */
import { describe, expect, test } from 'vitest';
import type { CliDependencies } from '../../src/surfaces/cli/cli-command.js';
import { runCli } from '../../src/surfaces/cli/run-cli.js';
import { fakeIo } from './fake-io.js';

const dependencies: CliDependencies = {
  version: '0.0.0',
  startWorker: () => Promise.reject(new Error('no command here starts a worker')),
};
const ID = 'wfi_000000000000';

async function refusal(argv: readonly string[]) {
  const io = fakeIo();
  const code = await runCli([...argv, '--json'], io, dependencies);
  const { error } = JSON.parse(io.out()) as { error: { type: string; message: string } };
  return { code, ...error };
}

describe('wrong usage', () => {
  test.each([
    [['start', 'flow.yaml', '--automation-level', 'high'], /automation-level.* number/],
    [['start', 'flow.yaml', '--automation-level', '1.5'], /automation-level.* whole number/],
    [['claim', ID, '--agent', 'ann', '--lease', 'long'], /lease.* number/],
    [['heartbeat', ID, '--claim-id', 'clm_0', '--lease', ''], /lease.* number/],
    [['history', ID, '--after', '-1'], /after.* whole number/],
    [['list', '--limit', '-1'], /limit.* whole number/],
    [['tasks', '--limit', '0.5'], /limit.* whole number/],
    [['tasks', '--waiting-for', 'timer'], /waiting-for.* agent, approval/],
    [['trigger', ID, '--outcome', 'done'], /outcome.* completed, failed/],
    [['rewind', ID], /required option.*--phase/],
    [['heartbeat', ID], /required option.*--claim-id/],
    [['release', ID], /required option.*--claim-id/],
  ])('%j exits 2 and says what is due', async (argv, message) => {
    expect(await refusal(argv)).toMatchObject({
      code: 2,
      type: 'UsageError',
      message: expect.stringMatching(message) as unknown,
    });
  });
});

describe('what is no JSON object', () => {
  test.each([
    ['start', 'flow.yaml', '--context'],
    ['start', 'flow.yaml', '--meta'],
    ['start', 'flow.yaml', '--quota'],
    ['trigger', ID, '--data'],
    ['trigger', ID, '--meta'],
    ['trigger', ID, '--usage'],
    ['trigger', ID, '--error'],
    ['rewind', ID, '--phase', 'a', '--variables'],
    ['retry', ID, '--quota'],
  ])('%s %s %s exits 5 and names the option', async (...argv) => {
    const option = argv.at(-1) ?? '';
    for (const value of ['[1]', '{greeting}']) {
      const refused = await refusal([...argv, value]);
      expect(refused).toMatchObject({ code: 5, type: 'InvalidInputError' });
      expect(refused.message.startsWith(`${option} `)).toBe(true);
    }
  });
});
