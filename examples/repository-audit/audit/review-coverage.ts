import type { AnalysisResult, AuditFile, Coverage, Finding, Manifest, Unread } from './audit-file.js';

/** Which files each analysis has to read for its findings to mean anything. */
const DUE: Readonly<Record<string, (file: AuditFile) => boolean>> = {
  sizes: () => true,
  long_functions: (file) => file.kind !== 'other',
  repeated_blocks: (file) => file.kind !== 'other',
  missing_tests: (file) => file.kind === 'source',
  todos: () => true,
};

/** The analyses in the order of the report. */
export const ANALYSES: readonly string[] = Object.keys(DUE);

/** Whether an analysis has to read a file; false for an analysis that does not exist. */
export function isDue(analysis: string, file: AuditFile): boolean {
  return DUE[analysis]?.(file) ?? false;
}

/** Compares what all rounds covered with the inventory, one entry an analysis. */
export function reviewCoverage(manifest: Manifest, results: readonly AnalysisResult[]): readonly Coverage[] {
  return ANALYSES.map((analysis) => {
    const own = results.filter((result) => result.analysis === analysis);
    const covered = new Set(own.flatMap((result) => result.covered));
    const unreadable = new Set(own.flatMap((result) => result.unreadable).map((file) => file.path));
    const due = manifest.files.filter((file) => isDue(analysis, file)).map((file) => file.path);
    return {
      analysis,
      due: due.length,
      covered: due.filter((path) => covered.has(path)).length,
      unreadable: due.filter((path) => unreadable.has(path) && !covered.has(path)).length,
      missing: due.filter((path) => !covered.has(path) && !unreadable.has(path)),
    };
  });
}

/** What no analysis could read, each file once, in the order of their paths. */
export function collectUnread(results: readonly AnalysisResult[]): readonly Unread[] {
  const byPath = new Map(results.flatMap((result) => result.unreadable).map((file) => [file.path, file]));
  return [...byPath.values()].sort((a, b) => (a.path < b.path ? -1 : 1));
}

/** How much was not read, and why: `; not read: 3 (2 not text, 1 too large), and 1 folder`. */
export function describeUnread(manifest: Manifest, results: readonly AnalysisResult[]): string {
  const unread = collectUnread(results);
  const reasons = [...new Set(unread.map((file) => file.why))].sort();
  const counts = reasons.map((why) => `${String(unread.filter((file) => file.why === why).length)} ${why}`);
  const files = unread.length === 0 ? [] : [`${String(unread.length)} (${counts.join(', ')})`];
  const folders = manifest.closedFolders.length;
  const closed = folders === 0 ? [] : [`${String(folders)} folder${folders === 1 ? '' : 's'}`];
  const parts = [...files, ...closed];
  return parts.length === 0 ? '' : `; not read: ${parts.join(', and ')}`;
}

/** The findings of one analysis over all rounds, each once, the gravest first. */
export function collectFindings(results: readonly AnalysisResult[], analysis: string): readonly Finding[] {
  const own = results.filter((result) => result.analysis === analysis);
  const lastWhole = Math.max(0, ...own.filter((result) => result.whole).map((result) => result.round));
  const findings = own.filter((result) => result.round >= lastWhole).flatMap((result) => result.findings);
  const once = new Map(
    findings.map((finding) => [`${finding.path}:${String(finding.line)} ${finding.what}`, finding]),
  );
  return [...once.values()].sort(
    (a, b) => b.weight - a.weight || a.path.localeCompare(b.path) || a.line - b.line,
  );
}
