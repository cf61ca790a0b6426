import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { checkDemoOptions } from '../../../../examples/repository-audit/demo/check-demo-options.js';
import { DemoUsageError } from '../../../../examples/repository-audit/demo/demo-options.js';

let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'demo-options-'));
  writeFileSync(join(folder, 'a.ts'), 'a');
  mkdirSync(join(folder, 'empty/.git'), { recursive: true });
});

afterEach(() => {
  rmSync(folder, { recursive: true, force: true });
});

describe('checkDemoOptions', () => {
  it('takes a folder with a file, and a report whose folders are not there yet', async () => {
    await checkDemoOptions({ treePath: folder, reportPath: join(folder, 'new/folder/report.md') });
    expect(existsSync(join(folder, 'new'))).toBe(false);
    await checkDemoOptions({ treePath: folder, reportPath: join(folder, 'a.ts') });
    expect(readdirSync(folder).sort()).toEqual(['a.ts', 'empty']);
  });

  it.each(['/proc/x/y', '/proc/y', '/dev/null'])(
    'refuses a report at %s',
    { skip: process.platform !== 'linux', timeout: 10_000 },
    async (reportPath) => {
      const refused = checkDemoOptions({ treePath: folder, reportPath });
      await expect(refused).rejects.toThrow(DemoUsageError);
      await expect(refused).rejects.toThrow(reportPath);
    },
  );

  it.each([
    ['a tree that is not there', 'none', 'r.md', 'There is no'],
    ['a file', 'a.ts', 'r.md', 'is no folder'],
    ['a folder with nothing to audit', 'empty', 'r.md', 'holds nothing to audit'],
    ['a report that is a folder', '.', 'empty', 'is a folder'],
    ['a report below a file', '.', 'a.ts/r.md', '--report'],
  ])('refuses %s in one line', async (_name, tree, report, words) => {
    const options = { treePath: join(folder, tree), reportPath: join(folder, report) };
    const error: unknown = await checkDemoOptions(options).catch((caught: unknown) => caught);
    expect(error).toBeInstanceOf(DemoUsageError);
    expect((error as Error).message).toContain(words);
    expect((error as Error).message).not.toContain('\n');
  });

  it('refuses a report where nothing may be written', { skip: process.getuid?.() === 0 }, async () => {
    execFileSync('chmod', ['a-w', join(folder, 'empty')]);
    const options = { treePath: folder, reportPath: join(folder, 'empty/r.md') };
    await expect(checkDemoOptions(options)).rejects.toThrow('--report');
  });
});
