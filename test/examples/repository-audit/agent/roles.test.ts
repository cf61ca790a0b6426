import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { AgentTask } from '../../../../examples/repository-audit/agent/engine-link.js';
import { ROLES, type Answer } from '../../../../examples/repository-audit/agent/roles.js';

let root: string;
let tree: string;

const longFunction = `export function large() {\n${'  call(1, 2);\n'.repeat(70)}}\n`;
const FILES: Readonly<Record<string, string>> = {
  'src/small.ts': `${'export const a = 1;\n'.repeat(12)}// TODO: name it\n`,
  'src/large.ts': longFunction.padEnd(5000, ' '),
  'test/small.test.ts': `import { a } from '../src/small.js';\n`,
  'logo.png': '\u0000png',
};

beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'audit-roles-'));
  tree = join(root, 'tree');
  for (const [name, text] of Object.entries(FILES)) {
    await mkdir(dirname(join(tree, name)), { recursive: true });
    await writeFile(join(tree, name), text);
  }
});
afterAll(() => rm(root, { recursive: true, force: true }));

const ANALYSTS = ['sizes', 'functions', 'duplicates', 'coverage', 'todos'];

function work(role: string, context: object, more: Partial<AgentTask> = {}): Promise<Answer> {
  const task: AgentTask = {
    task_id: `x#1/${role}`,
    kind: 'agent',
    status: 'open',
    attempts: 1,
    text: null,
    ...more,
    context,
  };
  const { [role]: doIt } = ROLES;
  if (doIt === undefined) throw new Error(`no role ${role}`);
  return doIt(task);
}

it('takes a tree from inventory to report: the check sends back what the quick pass left out, once', async () => {
  const base = { path: tree, work_dir: join(root, 'work') };
  const inventory = await work('surveyor', base);
  expect(inventory).toMatchObject({ files: 4, source_files: 2, areas: ['src', 'test'] });

  const round = async (number: number, focus: unknown): Promise<Answer> => {
    for (const role of ANALYSTS) await work(role, { ...base, round: number, focus });
    return work('reviewer', { ...base, round: number });
  };
  const first = await round(1, { max_bytes: 4096 });
  expect(first).toMatchObject({ verdict: 'again', missing: 1, areas: ['src'] });

  const second = await round(2, first['focus']);
  expect(second).toMatchObject({ verdict: 'pass', missing: 0, focus: {}, areas: ['src', 'test'] });

  const report_path = join(root, 'out', 'report.md');
  const written = await work('writer', { ...base, report_path, instance_id: 'wfi_000000000001' });
  const report = await readFile(report_path, 'utf8');
  expect(written['size_bytes']).toBe(Buffer.byteLength(report));
  expect(report).toContain('| `src/large.ts:1` | large: 72 lines |');
  expect(report).toContain('| `src/large.ts:1` | no test reaches it (71 lines) |');
  expect(report).toContain('TODO: name it');
  expect(report).toContain('- `logo.png`');
  expect(report).toContain('| 1 | again | 1 of 4 files have not been read by every analysis yet. |');
  expect(report).not.toContain('small.ts:1` | ');
});

it('does the work of one area where the task is an element of a foreach', async () => {
  const base = { path: tree, work_dir: join(root, 'areas') };
  await work('surveyor', base);
  const answer = await work('functions', { ...base, round: 1, focus: {} }, { item: 'test', index: 1 });
  expect(answer).toMatchObject({ covered: 1, findings: 0 });
});

it('fails on a tree without files, and on a context that says nothing', async () => {
  const empty = join(root, 'empty');
  await mkdir(empty);
  await expect(work('surveyor', { path: empty, work_dir: join(root, 'w') })).rejects.toThrow('holds no file');
  await expect(work('sizes', {})).rejects.toThrow('has no "path"');
});
