import { describe, expect, test } from 'vitest';
import type { CliDependencies } from '../../src/surfaces/cli/cli-command.js';
import { COMMANDS } from '../../src/surfaces/cli/commands.js';
import { runCli } from '../../src/surfaces/cli/run-cli.js';
import { fakeIo } from './fake-io.js';

const dependencies: CliDependencies = {
  version: '1.2.3',
  startWorker: () => Promise.reject(new Error('no command here starts a worker')),
};

describe('wrong usage', () => {
  test.each([
    ['a misspelt command', ['strat', 'flow.yaml'], 'start'],
    ['a misspelt option', ['start', 'flow.yaml', '--contxt', '{}'], '--context'],
  ])('%s exits 2 and names the nearest', async (_name, argv, nearest) => {
    const io = fakeIo();
    expect(await runCli(argv, io, dependencies)).toBe(2);
    expect(io.err()).toContain('Did you mean');
    expect(io.err()).toContain(nearest);
    expect(io.out()).toBe('');
  });

  test.each([
    ['a missing argument', ['status'], 'id'],
    ['a missing option', ['claim', 'wfi_0123456789ab'], '--agent'],
    ['too many arguments', ['status', 'a', 'b'], 'argument'],
    ['a word where a number is due', ['up', '--port', 'http'], 'number'],
    ['a negative port', ['up', '--port', '-1'], 'whole number'],
    ['a port beyond the last', ['up', '--port', '70000'], '65535'],
    ['a port of the Web UI beyond the last', ['up', '--ui-port', '65536'], '65535'],
    ['a status that does not exist', ['list', '--status', 'done'], 'completed'],
  ])('%s exits 2', async (_name, argv, word) => {
    const io = fakeIo();
    expect(await runCli(argv, io, dependencies)).toBe(2);
    expect(io.err()).toContain(word);
    expect(io.out()).toBe('');
  });

  test.each([
    ['a misspelt command', ['strat', '--json'], /unknown command 'strat'.*Did you mean start/],
    ['a missing argument', ['status', '--json'], /missing required argument 'id'/],
    ['an unknown option', ['list', '--json', '--stauts', 'x'], /unknown option '--stauts'/],
    ['a value that does not fit', ['up', '--json', '--port', '70000'], /65535/],
    ['no command', ['--json'], /./],
  ])('with --json %s is one document on stdout and one line on stderr', async (_name, argv, message) => {
    const io = fakeIo();
    expect(await runCli(argv, io, dependencies)).toBe(2);
    const { error } = JSON.parse(io.out()) as { error: { type: string; message: string } };
    expect(error.type).toBe('UsageError');
    expect(error.message).toMatch(message);
    expect(io.err()).toMatch(/^UsageError: [^\n]+\n$/);
  });

  test('without --json is one line on stderr', async () => {
    const io = fakeIo();
    await runCli(['strat'], io, dependencies);
    expect(io.err()).toMatch(/^UsageError: unknown command 'strat' \(Did you mean start\?\)[^\n]+\n$/);
  });

  test('no command at all shows the overview on stderr and exits 2', async () => {
    const io = fakeIo();
    expect(await runCli([], io, dependencies)).toBe(2);
    expect(io.err()).toContain('Commands');
  });
});

describe('help', () => {
  test.each(COMMANDS.map((command) => [command.name]))('of %s has an example and --json', async (name) => {
    const io = fakeIo();
    expect(await runCli([name, '--help'], io, dependencies)).toBe(0);
    expect(io.out()).toContain('Examples:');
    expect(io.out()).toContain(`chatflow ${name}`);
    expect(io.out()).toContain('--json');
    expect(io.err()).toBe('');
  });

  test('the overview lists every command under its heading', async () => {
    const io = fakeIo();
    expect(await runCli(['--help'], io, dependencies)).toBe(0);
    for (const { name, group } of COMMANDS) {
      expect(io.out()).toMatch(new RegExp(`^ +${name}\\b`, 'm'));
      expect(io.out()).toContain(`${group}:`);
    }
  });

  test('every example is a command line that its own command understands', () => {
    for (const { name, examples } of COMMANDS) {
      expect(examples.length).toBeGreaterThan(0);
      for (const example of examples) expect(example).toMatch(new RegExp(`\\bchatflow ${name}\\b`));
    }
  });

  test('--version prints the version alone', async () => {
    const io = fakeIo();
    expect(await runCli(['--version'], io, dependencies)).toBe(0);
    expect(io.out()).toBe('1.2.3\n');
  });
});
