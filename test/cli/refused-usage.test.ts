/** Command lines that contradict themselves are refused before anything is read, opened or started. */
import { describe, expect, test } from 'vitest';
import type { CliDependencies } from '../../src/surfaces/cli/cli-command.js';
import { runCli } from '../../src/surfaces/cli/run-cli.js';
import { fakeIo } from './fake-io.js';

const dependencies: CliDependencies = {
  version: '1.2.3',
  startWorker: () => Promise.reject(new Error('no command here starts a worker')),
};
const ID = 'wfi_0123456789ab';

async function run(...argv: readonly string[]) {
  const io = fakeIo();
  const code = await runCli(
    argv,
    { ...io, readStdin: () => Promise.reject(new Error('read')) },
    dependencies,
  );
  return { code, out: io.out(), err: io.err() };
}

test.each([
  [['start', '-', '--context', '-'], 'standard input is named twice'],
  [['start', 'x.yaml', '--meta', '@-', '--quota', '-'], 'standard input is named twice'],
  [['trigger', ID, '--data', '-', '--meta', '-'], 'standard input is named twice'],
  [['trigger', ID, '--data', 'no JSON', '--usage', '-', '--error', '-'], 'standard input is named twice'],
  [['validate', '-', '-'], 'standard input is named twice'],
  [['tasks', ID, '--feature', 'F'], '--feature: these need no id'],
  [
    ['tasks', ID, '--schema', 'x', '--tenant', 'a', '--limit', '5'],
    '--schema, --tenant, --limit: these need',
  ],
  [['up', '--port', '7335', '--ui-port', '7335'], '--port and --ui-port are both 7335'],
  [['up', '--ui-port', '7233'], '--port and --ui-port are both 7233'],
  [['help', 'statsu'], "unknown command 'statsu' (Did you mean status?)"],
])('%j is wrong usage', async (argv, words) => {
  const { code, out, err } = await run(...argv);
  expect({ code, out }).toEqual({ code: 2, out: '' });
  expect(err).toMatch(/^UsageError: [^\n]+\n$/);
  expect(err).toContain(words);
});

test('help for a command that does not exist is one document with --json', async () => {
  const { code, out } = await run('help', 'nope', '--json');
  expect(code).toBe(2);
  expect(JSON.parse(out)).toMatchObject({
    error: { type: 'UsageError', details: { code: 'commander.unknownCommand' } },
  });
});

describe('with --json', () => {
  test('the version is one document', async () => {
    expect(await run('--version', '--json')).toEqual({ code: 0, out: '{"version":"1.2.3"}\n', err: '' });
  });

  test.each([
    [['status', '--help', '--json'], 'chatflow status wfi_'],
    [['help', 'status', '--json'], 'chatflow status wfi_'],
    [['help', '--json'], 'Steering:'],
    [['--help', '--json'], 'Steering:'],
  ])('%j is one document', async (argv, words) => {
    const { code, out } = await run(...argv);
    expect(code).toBe(0);
    expect((JSON.parse(out) as { help: string }).help).toContain(words);
  });
});
