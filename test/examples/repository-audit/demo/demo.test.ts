/** The demo as a process, on a small tree of its own: real server, real worker, real agents. */
import { execFileSync, spawn, type ChildProcess } from 'node:child_process';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeAll, beforeEach, expect, inject, it } from 'vitest';
import { PROJECT_ROOT, expectBuilt } from '../../built-project.js';

const FILES: Readonly<Record<string, string>> = {
  'src/small.ts': `${'export const a = 1;\n'.repeat(12)}// FIXME: name it\n`,
  'src/large.ts': `export function large() {\n${Array.from({ length: 150 }, (_, i) => `  call(${String(i)}, "some argument");\n`).join('')}}\n`,
  'test/small.test.ts': `import { a } from '../src/small.js';\n`,
  // A subfolder that is large enough for a child of its own.
  ...Object.fromEntries(
    Array.from({ length: 20 }, (_, i) => [
      `lib/core/parts/part${String(i)}.ts`,
      `export const p = ${String(i)};\n`,
    ]),
  ),
};

let folder: string;
let demo: Demo | null = null;

interface Demo {
  readonly child: ChildProcess;
  readonly exited: Promise<number | null>;
  output(): string;
  /** Resolves once the output matches. */
  seen(pattern: RegExp): Promise<RegExpExecArray>;
}

beforeAll(expectBuilt);

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'chatflow-demo-'));
  for (const [name, text] of Object.entries(FILES)) {
    await mkdir(dirname(join(folder, 'tree', name)), { recursive: true });
    await writeFile(join(folder, 'tree', name), text);
  }
});

afterEach(async () => {
  demo?.child.kill('SIGTERM');
  await demo?.exited;
  demo = null;
  await rm(folder, { recursive: true, force: true });
});

function pathWithTemporal(): string {
  return `${dirname(inject('temporalBinary'))}:${process.env['PATH'] ?? ''}`;
}

function startDemo(...more: readonly string[]): Demo {
  const script = join(PROJECT_ROOT, 'dist/examples/repository-audit/demo.js');
  const args = [script, join(folder, 'tree'), '--data-dir', join(folder, 'data'), ...more];
  const env = { ...process.env, INIT_CWD: folder, PATH: pathWithTemporal() };
  const child = spawn(process.execPath, args, { cwd: PROJECT_ROOT, env, stdio: ['pipe', 'pipe', 'pipe'] });
  let text = '';
  const watchers = new Set<() => void>();
  for (const stream of [child.stdout, child.stderr]) {
    stream.on('data', (chunk: Buffer) => {
      text += chunk.toString();
      for (const look of watchers) look();
    });
  }
  const exited = new Promise<number | null>((done) => child.once('exit', done));
  const seen = (pattern: RegExp): Promise<RegExpExecArray> =>
    new Promise((done, fail) => {
      const look = (): void => {
        const match = pattern.exec(text);
        if (match !== null) done(match);
      };
      watchers.add(look);
      look();
      void exited.then(() => {
        fail(new Error(`The demo ended without ${String(pattern)}:\n${text}`));
      });
    });
  demo = { child, exited, output: () => text, seen };
  return demo;
}

async function readReport(): Promise<string> {
  return readFile(join(folder, 'chatflow-report/repository-audit.md'), 'utf8');
}

/** What the agents of an audit have reported, by what they say themselves. */
async function tokensReported(workDir: string): Promise<number> {
  const log = await readFile(join(workDir, 'agents.log'), 'utf8');
  return [...log.matchAll(/: applied, (\d+) tokens$/gm)].reduce((sum, [, tokens]) => sum + Number(tokens), 0);
}

/** A demo takes about ten seconds on two idle cores; these run beside others. */
const PATIENTLY = { timeout: 240_000 };

it(
  'takes a tree to its report, holds a second audit up with --keep, and leaves nothing running',
  PATIENTLY,
  async () => {
    const running = startDemo('--keep');
    await running.seen(/The audit is complete/);
    const first = running.output();
    expect(first).toContain('▸ analyse (visit 2)');
    expect(first).not.toContain('▸ analyse (visit 3)');
    expect(first).toMatch(/sign_off#1\/sign_off waits for a decision/);
    const report = await readReport();
    expect(report).toContain('| `src/large.ts:1` | large: 152 lines |');
    expect(report).toContain('FIXME: name it');

    // One folder can't be opened by anybody: its child fails, and all that follows says so.
    const [, workDir = ''] = await running.seen(/ (\S+)\/unreadable ✗ FolderUnreadableError: ELOOP: /);
    expect(first).toMatch(/waits for a decision: .* Not audited: \S+\/unreadable \(ELOOP: [^\n]*\)\. Write/);
    expect(report).toContain(`## Folders not audited (1)\n\n- \`${workDir}/unreadable\`: ELOOP: `);
    const [, failed, depth, tokens] = await running.seen(
      /\n {2}failed: \d+ instances \(\d+ completed, (\d+) failed\), depth (\d+), (\d+) tokens, 0 USD and more\n/,
    );
    expect([failed, depth]).toEqual(['1', '2']);
    expect(Number(tokens)).toBe(await tokensReported(workDir));
    expect(running.output()).toMatch(/\n {2}wfi_[0-9a-f]{12} {2}completed {2}done /);
    expect(running.output()).toMatch(/\n {2}[│ ] {2}└─ wfi_[0-9a-f]{12} {2}completed {2}look /);

    await running.seen(/\/namespaces\/default\/workflows\/wfi_[0-9a-f]{12}\/[0-9a-f-]{36}\/history/);

    const [, command = ''] = await running.seen(
      /Drive it[^\n]*\n\n {2}(\S.* workflow update execute [^\n]*)\n/,
    );
    execFileSync('sh', ['-c', command], { stdio: 'pipe', env: { ...process.env, PATH: pathWithTemporal() } });
    await running.seen(/The second audit has ended too/);

    running.child.kill('SIGINT');
    expect(await running.exited, running.output()).toBe(0);
    const [, enginePid = ''] = await running.seen(/engine is process (\d+)/);
    expect(() => process.kill(Number(enginePid), 0)).toThrow('ESRCH');
  },
);

it(
  'goes on after kill -9 of the engine, with children and at the approval, on the state that is on disk',
  PATIENTLY,
  async () => {
    const running = startDemo('--interactive');
    const [, pid] = await running.seen(/engine is process (\d+)/);
    await running.seen(/→ child wfi_/);
    process.kill(Number(pid), 'SIGKILL');
    const [, next] = await running.seen(/The engine is back, as process (\d+)/);
    await running.seen(/waits for a decision/);
    process.kill(Number(next), 'SIGKILL');
    await running.seen(/is back, as process \d+[^]*is back, as process \d+/);
    running.child.stdin?.write('perhaps\napprove\n');
    expect(await running.exited, running.output()).toBe(0);
    expect(running.output()).toContain('"perhaps" is none of approve, rework, reject');
    expect(await readReport()).toContain('# Repository audit');
    expect(running.output()).toMatch(/completed, 1 failed\), depth 2, /);
  },
);

it(
  'after kill -9 of the demo its engine ends, and the next demo goes on with the audit',
  PATIENTLY,
  async () => {
    const killed = startDemo('--interactive');
    const [, enginePid] = await killed.seen(/engine is process (\d+)/);
    const [, instance = ''] = await killed.seen(/Audit (wfi_\w+) of/);
    await killed.seen(/waits for a decision/);
    killed.child.kill('SIGKILL');
    await killed.exited;
    const next = startDemo();
    expect(await next.exited, next.output()).toBe(0);
    expect(next.output()).toContain(
      `Audit ${instance} of ${join(folder, 'tree')} was left open by an earlier demo`,
    );
    expect(() => process.kill(Number(enginePid), 0)).toThrow('ESRCH');
    expect(await readReport()).toContain(instance);
  },
);

it('refuses an empty tree with 2 and one line, before anything is started', async () => {
  await rm(join(folder, 'tree'), { recursive: true });
  await mkdir(join(folder, 'tree'));
  const refused = startDemo();
  expect(await refused.exited).toBe(2);
  expect(refused.output()).toMatch(/^[^\n]+\n$/);
});

it('ends with 1 and no report where the person says no', PATIENTLY, async () => {
  const running = startDemo('--interactive');
  await running.seen(/waits for a decision/);
  running.child.stdin?.write('reject\n');
  expect(await running.exited, running.output()).toBe(1);
  expect(running.output()).toMatch(/The audit ended as cancelled/);
  await expect(readReport()).rejects.toThrow('ENOENT');
});
