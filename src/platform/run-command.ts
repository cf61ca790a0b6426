import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

const run = promisify(execFile);

/** Runs a program without a shell and gives its standard output; rejects on a failure, with its last words. */
export async function runCommand(
  file: string,
  args: readonly string[],
  options: { readonly env?: NodeJS.ProcessEnv; readonly timeoutMs: number; readonly cwd?: string },
): Promise<string> {
  try {
    const { stdout } = await run(file, [...args], {
      timeout: options.timeoutMs,
      maxBuffer: 1 << 24,
      ...(options.env && { env: options.env }),
      ...(options.cwd !== undefined && { cwd: options.cwd }),
    });
    return stdout;
  } catch (error) {
    throw new Error(`${file}: ${lastWords(error)}`, { cause: error });
  }
}

function lastWords(error: unknown): string {
  const { code, killed, stderr, message } = error as NodeJS.ErrnoException & {
    killed?: boolean;
    stderr?: string;
  };
  if (code === 'ENOENT') return 'not found on PATH';
  if (killed === true) return 'took too long and was stopped';
  const lines = (stderr ?? '').trim().split('\n');
  return lines.at(-1) || message;
}
