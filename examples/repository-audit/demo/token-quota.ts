import type { AuditFile } from '../audit/audit-file.js';

/** For what a small tree costs besides its files: budgets of folders have some to spare. */
const BASE = 1_000_000;
/** What a file costs in lists besides its path, in bytes. */
const ENTRY_BYTES = 16;
/**
 * Five analyses may read a byte in each of four rounds, a quarter of a token at a time: 5 tokens. As many again are for
 * what is set aside for children and for the lists that the agents hand on.
 */
const TOKENS_PER_BYTE = 10;

/** Tokens that an audit of these files may spend, its children included: more than it needs, but not without end. */
export function tokenQuota(files: readonly Pick<AuditFile, 'path' | 'bytes'>[]): number {
  const bytes = files.reduce((sum, file) => sum + file.bytes + file.path.length + ENTRY_BYTES, 0);
  return BASE + TOKENS_PER_BYTE * bytes;
}
