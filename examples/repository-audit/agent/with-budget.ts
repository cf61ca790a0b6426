import type { AuditFile, FolderToAudit } from '../audit/audit-file.js';
import { estimateTokens } from './estimate-tokens.js';

/** What a folder is granted beyond its files: an area's holds those of its subfolders, of which there are 4 at most. */
const SPARE = { area: 10_000, subfolder: 2000 } as const;

/** A folder with what its audit may spend: twice what reading its files takes, and something to spare. */
export function withBudget(
  folder: string,
  files: readonly AuditFile[],
  level: keyof typeof SPARE,
): FolderToAudit {
  const bytes = files.reduce((sum, file) => sum + file.bytes, 0);
  return { folder, max_tokens: SPARE[level] + 2 * estimateTokens(bytes) };
}
