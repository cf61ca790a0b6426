import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { readFileName } from '../../../../examples/repository-audit/audit/file-name.js';
import { createManifest } from '../../../../examples/repository-audit/audit/list-files.js';
import { readFiles } from '../../../../examples/repository-audit/audit/read-files.js';

let root: string;

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'audit-read-'));
});

afterEach(() => {
  rmSync(root, { recursive: true, force: true });
});

/** `caf` and an e acute of Latin-1: bytes that are no UTF-8. */
const CAFE = Buffer.from('caf\xe9', 'latin1');

it('says why it has not read a file: too large is not the same as no text', async () => {
  writeFileSync(join(root, 'image.png'), '\u0000png');
  writeFileSync(join(root, 'big.txt'), 'text\n');
  truncateSync(join(root, 'big.txt'), 4 * 1024 * 1024 + 1);
  writeFileSync(join(root, 'a.ts'), 'a');
  const { files } = await createManifest(root);
  rmSync(join(root, 'a.ts'));
  expect((await readFiles(root, files)).unreadable).toEqual([
    { path: 'a.ts', why: 'not there any more' },
    { path: 'big.txt', why: 'too large' },
    { path: 'image.png', why: 'not text' },
  ]);
});

// Other file systems refuse such a name.
describe('a name that is no UTF-8', { skip: process.platform !== 'linux' }, () => {
  it.each(['a walk', 'git'])('is listed by %s, escaped, and counted as not read', async (by) => {
    const at = (name: Buffer): Buffer => Buffer.concat([Buffer.from(`${root}/`), name]);
    mkdirSync(at(CAFE));
    writeFileSync(at(Buffer.concat([CAFE, Buffer.from('/in.ts')])), 'x');
    writeFileSync(at(Buffer.concat([CAFE, Buffer.from('.ts')])), 'abc');
    writeFileSync(join(root, 'ok-é.ts'), 'y');
    if (by === 'git') execFileSync('git', ['init', '-q'], { cwd: root });
    const { files } = await createManifest(root);
    expect(files.map(({ path, bytes, kind }) => ({ path, bytes, kind }))).toEqual([
      { path: 'caf\\xe9.ts', bytes: 3, kind: 'other' },
      { path: 'caf\\xe9/in.ts', bytes: 1, kind: 'other' },
      { path: 'ok-é.ts', bytes: 1, kind: 'source' },
    ]);
    const { texts, unreadable } = await readFiles(root, files);
    expect(texts.map((file) => file.path)).toEqual(['ok-é.ts']);
    expect(unreadable).toEqual([
      { path: 'caf\\xe9.ts', why: 'its name is no UTF-8' },
      { path: 'caf\\xe9/in.ts', why: 'its name is no UTF-8' },
    ]);
  });
});

it('a name with the sign of replacement in it is a name like any other', () => {
  expect(readFileName(Buffer.from('a\ufffd.ts'))).toEqual({ text: 'a\ufffd.ts', isExact: true });
});
