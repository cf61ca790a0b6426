/** Runs a TypeScript file as a process of its own, for tests of what happens between processes. */
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { onTestFinished } from 'vitest';

export interface TypeScriptProcess {
  readonly child: ChildProcess;
  /** The next line of its standard output, read as JSON; rejects where it ends before. */
  nextJson(): Promise<unknown>;
  /** kill -9, and waits for its end. */
  kill(): Promise<void>;
}

/** Starts `file` with arguments; what still runs when the test has finished is killed. */
export function runTypeScript(file: URL, args: readonly string[] = []): TypeScriptProcess {
  const child = spawn(process.execPath, ['--import', 'tsx', file.pathname, ...args], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const kill = async (): Promise<void> => {
    if (child.exitCode !== null || child.signalCode !== null) return;
    const exited = once(child, 'exit');
    child.kill('SIGKILL');
    await exited;
  };
  onTestFinished(kill);
  return {
    child,
    kill,
    nextJson: async () => {
      const line = await lines.next();
      if (line.done === true) throw new Error(`${file.pathname} ended without a word`);
      return JSON.parse(line.value) as unknown;
    },
  };
}
