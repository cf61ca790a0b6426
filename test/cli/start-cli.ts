/** The command line within the test's process, on an engine of the test file's own: for what a command does to it. */
import { vi } from 'vitest';
import type { CliDependencies } from '../../src/surfaces/cli/cli-command.js';
import { runCli } from '../../src/surfaces/cli/run-cli.js';
import type { StartRequest } from '../../src/client/index.js';
import { startEngine } from '../client/start-engine.js';
import type { TestEngine } from '../client/start-engine.js';
import { fakeIo } from './fake-io.js';
import { cliEnvironment } from './run-chatflow.js';

const dependencies: CliDependencies = {
  version: '0.0.0',
  startWorker: () => Promise.reject(new Error('no command here starts a worker')),
};

export interface Answer {
  readonly code: number;
  readonly json: unknown;
}

export interface Following {
  /** The lines that it has printed so far, as documents. */
  seen(): readonly unknown[];
  /** Its exit code, once it has ended. */
  readonly code: Promise<number>;
}

export interface TestCli extends TestEngine {
  /** Runs one command with `--json`; its document is all that may be on stdout. */
  run(...argv: readonly string[]): Promise<Answer>;
  /** Runs one command without `--json`. */
  text(...argv: readonly string[]): Promise<{ readonly code: number; readonly out: string }>;
  /** Starts a command that follows something. */
  follow(...argv: readonly string[]): Following;
  /** Runs `start -` on a definition's text. @returns the instance's id */
  start(yaml: string, ...options: readonly string[]): Promise<string>;
  /** Starts an instance past the command line. @returns its id */
  begin(request: StartRequest): Promise<string>;
}

/** Starts one; the caller stops it. Until then the process's environment names its server. */
export async function startCli(): Promise<TestCli> {
  const setup = await startEngine();
  for (const [name, value] of Object.entries(cliEnvironment(setup))) vi.stubEnv(name, value);
  const invoke = async (argv: readonly string[], stdin = ''): Promise<{ code: number; out: string }> => {
    const io = fakeIo({ stdin });
    const code = await runCli(argv, io, dependencies);
    return { code, out: io.out() };
  };
  return {
    ...setup,
    text: (...argv) => invoke(argv),
    run: async (...argv) => {
      const { code, out } = await invoke([...argv, '--json']);
      return { code, json: JSON.parse(out) as unknown };
    },
    follow: (...argv) => {
      const io = fakeIo();
      const code = runCli([...argv, '--json'], io, dependencies);
      const seen = () => {
        const lines = io.out().split('\n').slice(0, -1);
        return lines.map((line) => JSON.parse(line) as unknown);
      };
      return { seen, code };
    },
    start: async (yaml, ...options) => {
      const { out } = await invoke(['start', '-', ...options, '--json'], yaml);
      return (JSON.parse(out) as { instance_id: string }).instance_id;
    },
    begin: async (request) => (await setup.engine.startWorkflowInstance(request)).instance_id ?? '',
    stop: async () => {
      vi.unstubAllEnvs();
      await setup.stop();
    },
  };
}
