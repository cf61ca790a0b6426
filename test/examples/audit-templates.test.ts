/** The definitions of the audit, from their start to each of their ends. */
import { describe, expect, it } from 'vitest';
import type { Task } from '../../src/core/shapes.js';
import type { JsonObject } from '../../src/json/json.js';
import { byVisit, drive, type Table } from './drive-example.js';
import type { Answer, DriveOptions } from './drive-instance.js';

/** What a folder's child is started with. */
type StartChild = Parameters<NonNullable<DriveOptions['child']>>[0];
const folderOf = ({ input }: StartChild): string => String(input.initial_context?.['folder']);

const BROKEN: Answer = { fail: { type: 'FolderUnreadableError', message: 'ELOOP: too many links' } };

describe('repository-audit', () => {
  const context = {
    ...{ path: '/tree', work_dir: '/work', report_path: '/report.md', quick_pass_bytes: 4096 },
    ...{ max_file_lines: 400, max_function_lines: 60, min_block_lines: 8, extra_folders: ['/x'] },
  };
  const found: JsonObject = { covered: 1, unreadable: 0, findings: 1, file: 'f.json' };
  const folders = ['src', '/x'].map((folder) => ({ folder, max_tokens: 10_000 }));
  const checked = (verdict: string, failed: readonly JsonObject[] = []): JsonObject => ({
    ...{ verdict, reason: 'Because.', missing: 0, findings: 3, failed: [...failed] },
    folders: verdict === 'again' ? folders.slice(0, 1) : folders,
    focus: verdict === 'again' ? { list: 'focus-1.json' } : {},
  });
  const table: Table = {
    inventory: { files: 3, source_files: 2, bytes: 10, manifest: 'manifest.json', folders },
    ...{ sizes: found, repeated_blocks: found, missing_tests: found, todos: found },
    check: byVisit(checked('again'), checked('pass')),
    sign_off: { decision: 'approve' },
    report: { report_path: '/report.md', sha256: 'a'.repeat(64), size_bytes: 10 },
  };
  const child = (start: StartChild): Exclude<Answer, 'wait'> => {
    const folder = folderOf(start);
    return {
      data: { folder, covered: 1, unreadable: 0, findings: 1, files: [`${folder}.json`], failed: [] },
    };
  };

  it('loops back once, is signed off and returns where the report is', async () => {
    const starts: StartChild[] = [];
    const { state, visits } = await drive('repository-audit.yaml', context, table, {
      child: (start) => {
        starts.push(start);
        return child(start);
      },
    });
    expect(visits).toEqual([
      ...['inventory#1', 'analyse#1', 'check#1', 'analyse#2', 'check#2', 'sign_off#1', 'report#1', 'done#1'],
    ]);
    expect(state).toMatchObject({
      status: 'completed',
      result: { report_path: '/report.md', findings: 3, failed_folders: [], rounds: 2 },
      variables: { summary: '3 findings in 2 rounds' },
    });
    expect(starts.map(folderOf)).toEqual(['src', '/x', 'src']);
    expect(starts.map(({ definition }) => definition.schema_id)).toEqual(Array(3).fill('folder-audit'));
    expect(starts.map(({ input }) => input.initial_context)).toMatchObject([
      { path: '/tree', work_dir: '/work', round: 1, focus: { max_bytes: 4096 }, max_function_lines: 60 },
      { round: 1 },
      { round: 2, focus: { list: 'focus-1.json' } },
    ]);
    expect(starts[0]?.input.child?.grant.own).toEqual({ max_tokens: 10_000, max_duration_sec: 1800 });
  });

  it('goes on without a folder that fails: who reviews is told of the round’s failures, and the result names them', async () => {
    const seen: unknown[] = [];
    const unread = { folder: '/x', why: 'ELOOP: too many links' };
    const below = { folder: 'src/deep', why: 'out of tokens' };
    const { state } = await drive(
      'repository-audit.yaml',
      context,
      {
        ...table,
        check: (task) => {
          seen.push((task.context as JsonObject)['failed']);
          return { data: checked(task.visit === 1 ? 'again' : 'pass', [unread]) };
        },
      },
      {
        child: (start) => {
          if (folderOf(start) === '/x') return BROKEN;
          const done = child(start);
          const failed = start.input.initial_context?.['round'] === 1 ? [below] : [];
          return 'data' in done ? { data: { ...done.data, failed } } : done;
        },
      },
    );
    expect(seen).toEqual([[below, unread], []]);
    expect(state).toMatchObject({ status: 'completed', result: { failed_folders: [unread] } });
  });

  it('gives agents what they need in the context of their tasks', async () => {
    const seen: Task[] = [];
    const answers: Table = {
      ...table,
      todos: (task) => {
        seen.push(task);
        return { data: found };
      },
    };
    await drive('repository-audit.yaml', context, answers, { child });
    expect(seen.map((task) => task.context)).toMatchObject([
      { path: '/tree', round: 1, focus: { max_bytes: 4096 }, limits: { max_function_lines: 60 } },
      { path: '/tree', round: 2, focus: { list: 'focus-1.json' } },
    ]);
    expect(seen.map((task) => task.meta)).toEqual([{ role: 'todos' }, { role: 'todos' }]);
  });

  it('lets a check that is never content end with a person, not in a loop', async () => {
    const answers = { ...table, check: checked('again') };
    const { state, visits } = await drive('repository-audit.yaml', context, answers, { child });
    expect(visits.filter((visit) => visit.startsWith('analyse#'))).toHaveLength(4);
    expect(state.status).toBe('completed');
  });

  it('ends as cancelled where the sign-off is refused, and needs nobody from level 90 on', async () => {
    const answers = { ...table, sign_off: { decision: 'reject' } };
    const refused = await drive('repository-audit.yaml', context, answers, { child });
    expect(refused.state.status).toBe('cancelled');
    const automatic = await drive('repository-audit.yaml', context, table, { child, automationLevel: 90 });
    expect(automatic.answered).not.toContain('sign_off#1/sign_off');
    expect(automatic.state.status).toBe('completed');
  });
});

describe('folder-audit', () => {
  const context = {
    ...{ path: '/tree', work_dir: '/work', folder: 'src', area: '', round: 1, focus: {} },
    ...{ max_function_lines: 60, max_subfolders: 4, min_subfolder_files: 20 },
  };
  const looked = (...subfolders: readonly string[]): JsonObject => ({
    ...{ covered: 2, unreadable: 1, findings: 1, file: 'src.json' },
    subfolders: subfolders.map((folder) => ({ folder, max_tokens: 2000 })),
  });

  it('is done with one look where no subfolder is worth a child', async () => {
    const { state, visits } = await drive('folder-audit.yaml', context, { look: looked() });
    expect(visits).toEqual(['look#1', 'divide#0']); // passed over
    expect(state.result).toEqual({
      ...{ folder: 'src', covered: 2, unreadable: 1, findings: 1, files: ['src.json'], failed: [] },
    });
  });

  it('adds up what its subfolders bring, and names those that fail', async () => {
    const areas: unknown[] = [];
    const { state } = await drive(
      'folder-audit.yaml',
      context,
      { look: looked('src/a', 'src/b', 'src/c') },
      {
        child: (start) => {
          areas.push(start.input.initial_context?.['area']);
          const folder = folderOf(start);
          if (folder === 'src/b') return BROKEN;
          const counts = { covered: 10, unreadable: 0, findings: 3 };
          return { data: { folder, ...counts, files: [`${folder}.json`], failed: [] } };
        },
      },
    );
    expect(areas).toEqual(['src', 'src', 'src']);
    expect(state).toMatchObject({ status: 'completed' });
    expect(state.result).toEqual({
      ...{ folder: 'src', covered: 22, unreadable: 1, findings: 7 },
      files: ['src.json', 'src/a.json', 'src/c.json'],
      failed: [{ folder: 'src/b', why: 'ELOOP: too many links' }],
    });
  });

  it('fails at once where the folder can’t be opened, and tries anything else once more', async () => {
    let attempts = 0;
    const failing = (type: string) => () => {
      attempts += 1;
      return { fail: { type, message: 'no' } };
    };
    const unreadable = await drive('folder-audit.yaml', context, { look: failing('FolderUnreadableError') });
    expect(unreadable.state.failure).toMatchObject({ type: 'FolderUnreadableError', message: 'no' });
    expect(attempts).toBe(1);
    await drive('folder-audit.yaml', context, { look: failing('AuditWorkError') });
    expect(attempts).toBe(3);
  });

  it('asks for no subfolders at the second level', async () => {
    const contexts: unknown[] = [];
    const look = (task: Task): Answer => {
      contexts.push(task.context);
      return { data: looked() };
    };
    await drive('folder-audit.yaml', context, { look });
    await drive('folder-audit.yaml', context, { look }, { depth: 2 });
    expect(contexts).toMatchObject([{ max_subfolders: 4, area: 'src' }, { max_subfolders: 0 }]);
  });
});
