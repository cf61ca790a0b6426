/** One program as a process group of its own: its output's ends kept, nothing of it left behind. */
import { spawn, type ChildProcess } from 'node:child_process';
import type { Readable } from 'node:stream';
import type { Redactor } from './secrets.js';

export interface ProgramCall {
  readonly path: string;
  readonly args: readonly string[];
  readonly cwd: string;
  readonly env: Readonly<Record<string, string>>;
  readonly stdin: string;
  /** Blots the worker's secrets out of the outputs, before they are cut to size. */
  readonly redact: Redactor;
  readonly signal: AbortSignal;
  /** Milliseconds from SIGTERM to SIGKILL. */
  readonly killGraceMs: number;
}

export interface Tail {
  readonly text: string;
  readonly truncated: boolean;
}

export interface ProgramOutcome {
  /** Null where a signal ended it. */
  readonly exitCode: number | null;
  readonly endedBy: NodeJS.Signals | null;
  readonly stdout: Tail;
  readonly stderr: Tail;
}

/** Kept of each output stream, from its end. */
export const MAX_OUTPUT_BYTES = 64 * 1024;
/** How long a grandchild that has left the group may hold the output open. */
const DRAIN_MS = 500;

/** Keeps a little more than is shown: a secret that the cut would split is seen whole, or lies in what is dropped. */
function collectTail(stream: Readable, redact: Redactor): () => Tail {
  const limit = MAX_OUTPUT_BYTES + redact.longestBytes;
  let kept: Buffer = Buffer.alloc(0);
  let size = 0;
  stream.on('data', (chunk: Buffer) => {
    size += chunk.byteLength;
    kept = Buffer.concat([kept, chunk]);
    if (kept.byteLength > limit) kept = Buffer.from(kept.subarray(kept.byteLength - limit));
  });
  return () => blotTail(kept, size, redact);
}

function blotTail(kept: Buffer, size: number, redact: Redactor): Tail {
  const isCut = size > kept.byteLength;
  const blotted = Buffer.from(redact.text(decodeTail(kept, isCut)), 'utf8');
  // Half a secret may stand at the very beginning.
  const sound = isCut ? blotted.subarray(redact.longestBytes) : blotted;
  const truncated = isCut || sound.byteLength > MAX_OUTPUT_BYTES;
  return { text: decodeTail(sound.subarray(-MAX_OUTPUT_BYTES), truncated), truncated };
}

/** The rest of a character that the cut has split is dropped. */
function decodeTail(bytes: Buffer, truncated: boolean): string {
  let start = 0;
  while (truncated && start < 3 && ((bytes[start] ?? 0) & 0xc0) === 0x80) start += 1;
  return bytes.subarray(start).toString('utf8');
}

/** Signals every process of the child's group; a group that is gone is fine. */
function signalGroup(child: ChildProcess, signal: NodeJS.Signals): void {
  if (child.pid === undefined) return;
  try {
    process.kill(-child.pid, signal);
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'ESRCH')) throw error;
  }
}

function feed(child: ChildProcess, stdin: string): void {
  // A program that does not read its input closes it early (EPIPE): its own business.
  child.stdin?.on('error', () => undefined);
  child.stdin?.end(stdin);
}

/** SIGTERM to the group at the signal, SIGKILL after the grace. Returns what takes it back. */
function endOnAbort(child: ChildProcess, call: ProgramCall): () => void {
  let timer: NodeJS.Timeout | undefined;
  const end = (): void => {
    signalGroup(child, 'SIGTERM');
    timer = setTimeout(() => signalGroup(child, 'SIGKILL'), call.killGraceMs);
  };
  if (call.signal.aborted) end();
  else call.signal.addEventListener('abort', end, { once: true });
  return () => {
    clearTimeout(timer);
    call.signal.removeEventListener('abort', end);
  };
}

/** After the program's end its group ends too, and its output is closed. */
function closeOutputs(child: ChildProcess): void {
  signalGroup(child, 'SIGKILL');
  const timer = setTimeout(() => {
    child.stdout?.destroy();
    child.stderr?.destroy();
  }, DRAIN_MS);
  child.once('close', () => clearTimeout(timer));
}

/**
 * Runs a program to its end.
 * @throws the abort's reason, once all of its group has ended; the error of a spawn that failed
 */
export function runProgram(call: ProgramCall): Promise<ProgramOutcome> {
  return new Promise((resolve, reject) => {
    const child = spawn(call.path, call.args, {
      cwd: call.cwd,
      env: { ...call.env },
      shell: false,
      detached: true,
      stdio: ['pipe', 'pipe', 'pipe'],
    });
    const stdout = collectTail(child.stdout, call.redact);
    const stderr = collectTail(child.stderr, call.redact);
    const stopListening = endOnAbort(child, call);
    feed(child, call.stdin);
    child.once('error', (error) => {
      stopListening();
      reject(error);
    });
    child.once('exit', () => {
      stopListening();
      closeOutputs(child);
    });
    child.once('close', (exitCode, endedBy) => {
      if (call.signal.aborted) reject(call.signal.reason as Error);
      else resolve({ exitCode, endedBy, stdout: stdout(), stderr: stderr() });
    });
  });
}
