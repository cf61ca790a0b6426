/** The command line as a process of its own: what is built, as a user runs it. */
import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { getServerBinary, getTestServer } from '../support/temporal-server.js';
import { PROJECT_ROOT } from '../examples/built-project.js';
import type { TestEngine } from '../client/start-engine.js';

export const CHATFLOW = join(PROJECT_ROOT, 'bin', 'chatflow.js');

export interface CliResult {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
  /** Standard output as the one JSON document that it is. */
  json(): Record<string, unknown>;
}

export interface CliRun {
  readonly env: NodeJS.ProcessEnv;
  readonly cwd?: string;
  readonly stdin?: string;
}

/** The environment in which the command line finds this engine, and nothing of the user's. */
export function cliEnvironment(setup: TestEngine): NodeJS.ProcessEnv {
  return {
    ...process.env,
    NO_COLOR: '1',
    TEMPORAL_ADDRESS: getTestServer().address,
    TEMPORAL_NAMESPACE: setup.namespace,
    TEMPORAL_CONFIG_FILE: join(setup.config.data_dir, 'no-temporal.toml'),
    CHATFLOW_DATA_DIR: setup.config.data_dir,
    CHATFLOW_TEMPORAL_BINARY: getServerBinary(),
  };
}

/** Runs it to its end. */
export function runChatflow(args: readonly string[], { env, cwd, stdin }: CliRun): Promise<CliResult> {
  return new Promise((resolve) => {
    const child = execFile(
      process.execPath,
      [CHATFLOW, ...args],
      { env, cwd: cwd ?? PROJECT_ROOT, maxBuffer: 16 * 1024 * 1024 },
      (error, stdout, stderr) => {
        const code = error === null ? 0 : Number(error.code);
        resolve({ code, stdout, stderr, json: () => JSON.parse(stdout) as Record<string, unknown> });
      },
    );
    child.stdin?.end(stdin ?? '');
  });
}
