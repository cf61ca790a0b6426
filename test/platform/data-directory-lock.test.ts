import { readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { lockDataDirectory } from '../../src/platform/data-directory-lock.js';
import { expectChatFlowError } from '../support/expect-chatflow-error.js';
import { runTypeScript } from '../support/run-typescript.js';
import { temporaryFolder } from '../support/temporary-folder.js';

const holder = new URL('../support/fixtures/hold-data-directory.ts', import.meta.url);

describe('the lock on a data directory', () => {
  it('refuses a second one and names the process that has it', async () => {
    const folder = temporaryFolder();
    const lock = await lockDataDirectory(folder);
    const error = await expectChatFlowError('DataDirectoryInUseError', lockDataDirectory(folder));
    expect(error.message).toContain(folder);
    expect(error.message).toContain(`process ${process.pid}`);
    expect(error.message).toContain('--data-dir');
    await lock.release();
  });

  it('is free again once it is released', async () => {
    const folder = temporaryFolder();
    await (await lockDataDirectory(folder)).release();
    await (await lockDataDirectory(folder)).release();
    expect(await readdir(join(folder, 'locks'))).toEqual([]);
  });

  it('may be held on two directories at once', async () => {
    const first = await lockDataDirectory(temporaryFolder());
    const second = await lockDataDirectory(temporaryFolder());
    await Promise.all([first.release(), second.release()]);
  });

  it.runIf(process.platform === 'linux')('is an error where no folder can be made', async () => {
    const error = { code: 'ENOENT' };
    await expect(lockDataDirectory('/proc/nope/deep/er')).rejects.toMatchObject(error);
  });

  it('is an error where a file is in the way, and makes what is missing elsewhere', async () => {
    const folder = temporaryFolder();
    await writeFile(join(folder, 'file'), '');
    for (const path of ['file', 'file/deep']) {
      await expect(lockDataDirectory(join(folder, path))).rejects.toMatchObject({ code: 'ENOTDIR' });
    }
    const locks = ['a', 'b'].map((name) => lockDataDirectory(join(folder, 'deep', 'er', name)));
    for (const lock of await Promise.all(locks)) await lock.release();
  });

  it('is taken over from a process that was killed', async () => {
    const folder = temporaryFolder();
    const other = runTypeScript(holder, [folder]);
    expect(await other.nextJson()).toEqual({ locked: true });
    const error = await expectChatFlowError('DataDirectoryInUseError', lockDataDirectory(folder));
    expect(error.details['pid']).toBe(other.child.pid);
    await other.kill();
    await (await lockDataDirectory(folder)).release();
  });

  it('goes to exactly one of many that ask at once, over a stale lock too', async () => {
    const folder = temporaryFolder();
    const stale = runTypeScript(holder, [folder]);
    await stale.nextJson();
    await stale.kill();
    const contenders = Array.from({ length: 5 }, () => runTypeScript(holder, [folder]));
    const answers = await Promise.all(contenders.map((one) => one.nextJson()));
    expect(answers.filter((answer) => (answer as { locked: boolean }).locked)).toHaveLength(1);
  });

  it('goes to exactly one of twenty that ask at once in one process', async () => {
    const folder = temporaryFolder();
    const answers = await Promise.allSettled(Array.from({ length: 20 }, () => lockDataDirectory(folder)));
    const locks = answers.flatMap((answer) => (answer.status === 'fulfilled' ? [answer.value] : []));
    expect(locks).toHaveLength(1);
    await locks[0]?.release();
  });
});
