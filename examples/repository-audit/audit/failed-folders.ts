import type { FailedFolder, Review } from './audit-file.js';
import { isWithin } from './is-within.js';

/** Folders named in a sentence; it says how many more there are. */
const NAMED = 3;

/** What no round has audited: a folder that failed and, in a later round, was not audited after all. */
export function collectFailedFolders(
  rounds: readonly Pick<Review, 'folders' | 'failed'>[],
): readonly FailedFolder[] {
  let open: readonly FailedFolder[] = [];
  for (const { folders, failed } of rounds) {
    const again = (path: string): boolean => folders.some((folder) => isWithin(folder, path));
    open = [...open.filter((one) => !again(one.folder)), ...failed];
  }
  return open;
}

/** ` Not audited: FOLDER (WHY), …`; empty where there is none. */
export function describeFailedFolders(failed: readonly FailedFolder[]): string {
  if (failed.length === 0) return '';
  const named = failed.slice(0, NAMED).map(({ folder, why }) => `${folder} (${why})`);
  const more = failed.length - NAMED;
  return ` Not audited: ${named.join(', ')}${more > 0 ? `, and ${String(more)} more` : ''}.`;
}
