import { expect, test } from 'vitest';
import type { CliDependencies } from '../../src/surfaces/cli/cli-command.js';
import { runCli } from '../../src/surfaces/cli/run-cli.js';
import { fakeIo } from './fake-io.js';

const dependencies: CliDependencies = {
  version: '0.0.0',
  startWorker: () => Promise.reject(new Error('no command here starts a worker')),
};

test.each([
  ['a definition and its context', ['start', '-', '--context', '@-', '--dry-run']],
  ['two options', ['start', 'examples/hello.yaml', '--context', '-', '--meta', '-', '--dry-run']],
])('standard input for %s is wrong usage', async (_name, argv) => {
  const io = fakeIo({ stdin: '{}' });
  expect(await runCli([...argv, '--json'], io, dependencies)).toBe(2);
  expect(io.err()).toMatch(/^UsageError: standard input is named twice: /);
  expect(JSON.parse(io.out())).toMatchObject({
    error: { type: 'UsageError', details: { code: 'chatflow.stdinTwice' } },
  });
});
