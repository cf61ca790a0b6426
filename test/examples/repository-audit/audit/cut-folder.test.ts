import { describe, expect, it } from 'vitest';
import type { AuditFile } from '../../../../examples/repository-audit/audit/audit-file.js';
import { cutFolder } from '../../../../examples/repository-audit/audit/cut-folder.js';

const files = (...paths: readonly string[]): readonly AuditFile[] =>
  paths.map((path) => ({ path, bytes: 1, kind: 'source', language: 'typescript', area: 'src' }));

const cut = (folder: string, paths: readonly string[], most = 4, minFiles = 2) => {
  const { own, subfolders } = cutFolder(folder, files(...paths), { most, minFiles });
  return {
    own: own.map((file) => file.path),
    subfolders: subfolders.map((one) => [one.folder, one.files.length]),
  };
};

describe('cutFolder', () => {
  it('cuts off subfolders with files enough, whatever is below them, and no file is in two parts', () => {
    const paths = ['src/a.ts', 'src/x/1.ts', 'src/x/y/2.ts', 'src/z/3.ts', 'src/xx.ts'];
    expect(cut('src', paths)).toEqual({
      own: ['src/a.ts', 'src/z/3.ts', 'src/xx.ts'],
      subfolders: [['src/x', 2]],
    });
  });

  it('takes the largest where there are more than may be, by name where they are alike', () => {
    const paths = ['c/1', 'c/2', 'a/1', 'a/2', 'b/1', 'b/2', 'b/3'];
    expect(cut('.', paths, 2)).toEqual({
      own: ['c/1', 'c/2'],
      subfolders: [
        ['b', 3],
        ['a', 2],
      ],
    });
  });

  it('keeps everything where nothing may be cut off, or nothing is there', () => {
    expect(cut('/x', ['/x/a/1', '/x/a/2'], 0)).toEqual({ own: ['/x/a/1', '/x/a/2'], subfolders: [] });
    expect(cut('/x', [])).toEqual({ own: [], subfolders: [] });
  });
});
