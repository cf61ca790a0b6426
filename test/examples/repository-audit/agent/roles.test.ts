import { mkdir, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { FolderToAudit } from '../../../../examples/repository-audit/audit/audit-file.js';
import { FolderUnreadableError } from '../../../../examples/repository-audit/audit/open-folder.js';
import type { AgentTask } from '../../../../examples/repository-audit/agent/engine-link.js';
import { ROLES } from '../../../../examples/repository-audit/agent/roles.js';
import type { Answer, Done } from '../../../../examples/repository-audit/agent/work.js';

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

const ANALYSTS = ['sizes', 'duplicates', 'coverage', 'todos'];

function doWork(role: string, context: object): Promise<Done> {
  const task: AgentTask = {
    task_id: `x#1/${role}`,
    kind: 'agent',
    status: 'open',
    attempts: 1,
    text: null,
    context,
  };
  const { [role]: known } = ROLES;
  if (known === undefined) throw new Error(`no role ${role}`);
  return known.work(task);
}

async function work(role: string, context: object): Promise<Answer> {
  return (await doWork(role, context)).answer;
}

/** The folders that an answer names, without what is granted for them. */
function foldersIn(answer: Answer, key = 'folders'): readonly string[] {
  return (answer[key] as readonly FolderToAudit[]).map(({ folder }) => folder);
}

it('takes a tree from inventory to report: the check sends back what the quick pass left out, once', async () => {
  const base = { path: tree, work_dir: join(root, 'work') };
  const inventory = await work('surveyor', base);
  expect(inventory).toMatchObject({ files: 4, source_files: 2 });
  expect(foldersIn(inventory)).toEqual(['src', 'test']);

  const round = async (number: number, focus: unknown, folders: readonly string[]): Promise<Answer> => {
    for (const role of ANALYSTS) await work(role, { ...base, round: number, focus });
    for (const folder of folders) await work('functions', { ...base, round: number, focus, folder });
    const failed = number === 1 ? [{ folder: '/locked', why: 'ELOOP' }] : [];
    return work('reviewer', {
      ...base,
      round: number,
      folders: folders.map((folder) => ({ folder })),
      failed,
    });
  };
  const first = await round(1, { max_bytes: 4096 }, ['src', 'test']);
  expect(first).toMatchObject({ verdict: 'again', missing: 1 });
  expect(foldersIn(first)).toEqual(['src']);

  const second = await round(2, first['focus'], ['src']);
  expect(second).toMatchObject({
    ...{ verdict: 'pass', missing: 0, focus: {}, failed: [{ folder: '/locked', why: 'ELOOP' }] },
  });
  expect(second['reason']).toContain('Not audited: /locked (ELOOP).');
  expect(foldersIn(second)).toEqual(['src', 'test']);

  const report_path = join(root, 'out', 'report.md');
  const written = await work('writer', { ...base, report_path, instance_id: 'wfi_000000000001' });
  const report = await readFile(report_path, 'utf8');
  expect(written['size_bytes']).toBe(Buffer.byteLength(report));
  expect(report).toContain('| `src/large.ts:1` | large: 72 lines |');
  expect(report).toContain('| `src/large.ts:1` | no test reaches it (71 lines) |');
  expect(report).toContain('TODO: name it');
  expect(report).toContain('- `logo.png`');
  expect(report).toContain(
    '| 1 | again | 1 of 4 files have not been read by every analysis yet. Not audited:',
  );
  expect(report).toContain('## Folders not audited (1)\n\n- `/locked`: ELOOP');
  expect(report).not.toContain('small.ts:1` | ');
});

it('says what a model would have spent on what was read', async () => {
  const base = { path: tree, work_dir: join(root, 'spent') };
  await work('surveyor', base);
  const bytes = Object.entries(FILES).map(([name, text]) => (name === 'logo.png' ? 0 : text.length));
  const whole = bytes.reduce((sum, one) => sum + one, 0);
  expect((await doWork('todos', base)).tokens).toBe(Math.ceil(whole / 4));
  expect((await doWork('functions', { ...base, folder: 'test' })).tokens).toBe(
    Math.ceil((bytes[2] ?? 0) / 4),
  );
});

describe('the audit of a folder', () => {
  it('leaves large subfolders to others: every file is read once, within what was granted', async () => {
    const deep = join(root, 'deep');
    const names = ['a.ts', 'x/1.ts', 'x/2.ts', 'x/y/3.ts', 'z/4.ts'].map((name) => `lib/core/${name}`);
    for (const name of names) {
      await mkdir(dirname(join(deep, name)), { recursive: true });
      await writeFile(join(deep, name), longFunction);
    }
    const base = { path: deep, work_dir: join(root, 'deep-work') };
    const [area] = (await work('surveyor', base))['folders'] as readonly FolderToAudit[];
    const limits = { max_subfolders: 4, min_subfolder_files: 3 };
    const own = await doWork('functions', { ...base, ...limits, folder: 'lib/core' });
    expect(own.answer).toMatchObject({ covered: 2, findings: 2 });
    expect(foldersIn(own.answer, 'subfolders')).toEqual(['lib/core/x']);
    const [subfolder] = own.answer['subfolders'] as readonly FolderToAudit[];
    const below = await doWork('functions', { ...base, folder: 'lib/core/x', area: 'lib/core' });
    expect(below.answer).toMatchObject({ covered: 3, findings: 3, subfolders: [] });
    expect(below.answer['file']).not.toBe(own.answer['file']);
    expect(below.tokens).toBeLessThan(subfolder?.max_tokens ?? 0);
    expect(own.tokens + (subfolder?.max_tokens ?? 0)).toBeLessThan(area?.max_tokens ?? 0);
  });

  it('fails with the file system’s own words where the folder can’t be opened, for whomever', async () => {
    const loop = join(root, 'loop');
    await symlink('loop', loop);
    const base = { path: tree, work_dir: join(root, 'extra') };
    const inventory = await work('surveyor', { ...base, extra_folders: [loop] });
    expect(inventory).toMatchObject({ files: 4 });
    expect(foldersIn(inventory)).toEqual(['src', 'test', loop]);
    const audited = work('functions', { ...base, folder: loop });
    await expect(audited).rejects.toThrow(FolderUnreadableError);
    await expect(audited).rejects.toThrow(/^ELOOP: .*loop/);
  });

  it('takes in a folder besides the tree', async () => {
    const beside = join(root, 'beside');
    await mkdir(beside);
    await writeFile(join(beside, 'b.ts'), longFunction);
    const base = { path: tree, work_dir: join(root, 'beside-work') };
    const inventory = await work('surveyor', { ...base, extra_folders: [beside, join(tree, 'src')] });
    expect(inventory).toMatchObject({ files: 5 });
    expect(await work('functions', { ...base, folder: beside })).toMatchObject({ covered: 1, findings: 1 });
  });
});

it('fails on a tree without files, and on a context that says nothing', async () => {
  const empty = join(root, 'empty');
  await mkdir(empty);
  await expect(work('surveyor', { path: empty, work_dir: join(root, 'w') })).rejects.toThrow('holds no file');
  await expect(work('sizes', {})).rejects.toThrow('has no "path"');
});
