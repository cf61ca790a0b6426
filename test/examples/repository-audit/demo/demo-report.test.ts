/** The demo as a process, where its report cannot be written: at the start, and in the end only. */
import { spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeAll, beforeEach, expect, inject, it, onTestFinished } from 'vitest';
import { PROJECT_ROOT, expectBuilt } from '../../built-project.js';

let folder: string;

beforeAll(expectBuilt);

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'chatflow-demo-report-'));
  mkdirSync(join(folder, 'tree'));
  writeFileSync(join(folder, 'tree/a.ts'), 'export const a = 1;\n');
});

afterEach(() => {
  rmSync(folder, { recursive: true, force: true });
});

interface Demo {
  readonly exited: Promise<number | null>;
  output(): string;
  /** Writes to its standard input. */
  type(text: string): void;
}

function startDemo(...more: readonly string[]): Demo {
  const script = join(PROJECT_ROOT, 'dist/examples/repository-audit/demo.js');
  const args = [script, join(folder, 'tree'), '--data-dir', join(folder, 'data'), ...more];
  const path = `${dirname(inject('temporalBinary'))}:${process.env['PATH'] ?? ''}`;
  const child = spawn(process.execPath, args, {
    cwd: PROJECT_ROOT,
    env: { ...process.env, INIT_CWD: folder, PATH: path },
    stdio: ['pipe', 'pipe', 'pipe'],
  });
  let text = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.on('data', (chunk: Buffer) => (text += chunk.toString()));
  }
  const exited = new Promise<number | null>((done) => child.once('exit', done));
  onTestFinished(async () => {
    child.kill('SIGTERM');
    await exited;
  });
  return { exited, output: () => text, type: (words) => child.stdin.write(words) };
}

it(
  'is refused with 2 before anything is started',
  { skip: process.platform !== 'linux', timeout: 60_000 },
  async () => {
    const refused = startDemo('--report', '/proc/x/y');
    expect(await refused.exited).toBe(2);
    expect(refused.output()).toMatch(/^The report can't be written to \/proc\/x\/y [^\n]+\n$/);
  },
);

it('fails the audit with the reason where its place has gone meanwhile', { timeout: 240_000 }, async () => {
  const running = startDemo('--interactive', '--report', join(folder, 'reports/r.md'));
  await expect
    .poll(() => running.output(), { timeout: 120_000, interval: 200 })
    .toContain('waits for a decision');
  writeFileSync(join(folder, 'reports'), 'no folder');
  running.type('approve\n');
  expect(await running.exited, running.output()).toBe(1);
  expect(running.output()).toMatch(/The audit ended as failed: AuditWorkError: .*(ENOTDIR|EEXIST)/);
});
