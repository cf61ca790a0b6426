import { describe, expect, it } from 'vitest';
import {
  collectFailedFolders,
  describeFailedFolders,
} from '../../../../examples/repository-audit/audit/failed-folders.js';

const failed = (...folders: readonly string[]) => folders.map((folder) => ({ folder, why: 'EIO' }));

describe('collectFailedFolders', () => {
  it('keeps what failed until a later round has audited it, or what it lies in', () => {
    const first = { folders: ['src', 'lib', '/x'], failed: failed('src/deep', 'lib', '/x') };
    expect(collectFailedFolders([first])).toEqual(first.failed);
    const second = { folders: ['src', 'lib'], failed: failed('lib') };
    expect(collectFailedFolders([first, second])).toEqual(failed('/x', 'lib'));
    expect(collectFailedFolders([])).toEqual([]);
  });

  it('does not take a folder for one whose name begins alike, nor an absolute path for a part of the tree', () => {
    const first = { folders: [], failed: failed('src2', '/x') };
    expect(collectFailedFolders([first, { folders: ['src', '.'], failed: [] }])).toEqual(failed('/x'));
  });
});

describe('describeFailedFolders', () => {
  it('names three with their reasons, and counts the rest', () => {
    expect(describeFailedFolders([])).toBe('');
    expect(describeFailedFolders(failed('a'))).toBe(' Not audited: a (EIO).');
    expect(describeFailedFolders(failed('a', 'b', 'c', 'd', 'e'))).toBe(
      ' Not audited: a (EIO), b (EIO), c (EIO), and 2 more.',
    );
  });
});
