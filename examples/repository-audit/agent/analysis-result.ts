import type { AnalysisResult, AuditFile, FileText, Focus, Manifest } from '../audit/audit-file.js';
import type { Assignment } from './assignment.js';
import { estimateTokens } from './estimate-tokens.js';
import { createWorkFiles } from './work-files.js';
import type { Done } from './work.js';

/** What an analysis has found, and the files that it speaks of. */
export interface Found extends Omit<AnalysisResult, 'covered' | 'round'> {
  readonly covered: readonly FileText[];
  /** All that it has read, where that is more. */
  readonly read?: readonly FileText[];
  /** The folder that it was about; absent: the whole tree. */
  readonly folder?: string;
}

/** Leaves what was found in a file of its own: the answer has the counts and the file's path. */
export async function leaveResult(assignment: Assignment, found: Found): Promise<Done> {
  const { folder, read = found.covered, ...rest } = found;
  const covered = found.covered.map((file) => file.path);
  const result = { ...rest, round: assignment.round, covered };
  const answer = {
    covered: covered.length,
    unreadable: found.unreadable.length,
    findings: found.findings.length,
    file: await createWorkFiles(assignment.work_dir).writeResult(result, folder),
  };
  const bytes = read.reduce((sum, file) => sum + Buffer.byteLength(file.text), 0);
  return { answer, tokens: estimateTokens(bytes) };
}

/** The files that a round looks at. */
export async function filesInFocus(
  manifest: Manifest,
  assignment: Assignment,
): Promise<readonly AuditFile[]> {
  const { max_bytes, list }: Focus = assignment.focus;
  const small = manifest.files.filter((file) => file.bytes <= (max_bytes ?? Infinity));
  if (list === undefined) return small;
  const named = new Set(await createWorkFiles(assignment.work_dir).readFocus(list));
  return small.filter((file) => named.has(file.path));
}
