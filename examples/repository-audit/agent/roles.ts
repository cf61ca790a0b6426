import { createHash } from 'node:crypto';
import type { AnalysisResult, AuditFile, FileText, Finding, Focus, Manifest } from '../audit/audit-file.js';
import { findLongFunctions } from '../audit/find-long-functions.js';
import { findMissingTests } from '../audit/find-missing-tests.js';
import { findRepeatedBlocks } from '../audit/find-repeated-blocks.js';
import { findTodos } from '../audit/find-todos.js';
import { createManifest } from '../audit/list-files.js';
import { findLongFiles } from '../audit/measure-sizes.js';
import { readFiles } from '../audit/read-files.js';
import { renderReport } from '../audit/render-report.js';
import {
  ANALYSES,
  collectFindings,
  describeUnread,
  isDue,
  reviewCoverage,
} from '../audit/review-coverage.js';
import { readAssignment, type Assignment } from './assignment.js';
import type { AgentTask } from './engine-link.js';
import { createWorkFiles, writeWhole } from './work-files.js';

/** The data of the trigger that completes a task. */
export type Answer = Readonly<Record<string, unknown>>;

/** What an agent does with a task: real work on the tree, and an answer that fits the task's `expects`. */
export type Work = (task: AgentTask) => Promise<Answer>;

/** Every role of `repository-audit.yaml` (`meta.role` of its tasks) and what it does. */
export const ROLES: Readonly<Record<string, Work>> = {
  surveyor: takeInventory,
  sizes: analysis('sizes', ({ texts, assignment }) =>
    texts.flatMap((file) => findLongFiles(file, assignment.limits.max_file_lines)),
  ),
  functions: analysis('long_functions', ({ texts, assignment }) =>
    texts.flatMap((file) => findLongFunctions(file, assignment.limits.max_function_lines)),
  ),
  duplicates: findDuplicates,
  coverage: findUntested,
  todos: analysis('todos', ({ texts }) => texts.flatMap(findTodos)),
  reviewer: review,
  writer: writeReport,
};

async function takeInventory(task: AgentTask): Promise<Answer> {
  const { path, work_dir } = readAssignment(task.context);
  const manifest = await createManifest(path);
  if (manifest.files.length === 0) throw new Error(`${path} holds no file that is not generated`);
  return {
    files: manifest.files.length,
    source_files: manifest.files.filter((file) => file.kind === 'source').length,
    bytes: manifest.files.reduce((sum, file) => sum + file.bytes, 0),
    manifest: await createWorkFiles(work_dir).writeManifest(manifest),
    areas: manifest.areas,
  };
}

interface AnalysisInput {
  readonly texts: readonly FileText[];
  readonly assignment: Assignment;
}

/** An analysis that looks at each file by itself: the files of the round's focus, in a `foreach` those of its area. */
function analysis(name: string, find: (input: AnalysisInput) => readonly Finding[]): Work {
  return async (task) => {
    const assignment = readAssignment(task.context);
    const manifest = await createWorkFiles(assignment.work_dir).readManifest();
    const area = typeof task.item === 'string' ? task.item : null;
    const files = (await filesInFocus(manifest, assignment)).filter(
      (file) => isDue(name, file) && (area === null || file.area === area),
    );
    const { texts, unreadable } = await readFiles(manifest.path, files);
    const findings = find({ texts, assignment });
    return leaveResult(task, assignment, {
      analysis: name,
      whole: false,
      covered: texts,
      unreadable,
      findings,
    });
  };
}

/** Repeats are found between files: once a round looks at the rest, it compares all of them. */
async function findDuplicates(task: AgentTask): Promise<Answer> {
  const assignment = readAssignment(task.context);
  const manifest = await createWorkFiles(assignment.work_dir).readManifest();
  const upTo = assignment.focus.max_bytes ?? Infinity;
  const files = manifest.files.filter((file) => isDue('repeated_blocks', file) && file.bytes <= upTo);
  const { texts, unreadable } = await readFiles(manifest.path, files);
  const findings = findRepeatedBlocks(texts, assignment.limits.min_block_lines);
  const result = { analysis: 'repeated_blocks', whole: true, covered: texts, unreadable, findings };
  return leaveResult(task, assignment, result);
}

/** What leads from a test to a file may be any file of the tree, whatever the round looks at. */
async function findUntested(task: AgentTask): Promise<Answer> {
  const assignment = readAssignment(task.context);
  const manifest = await createWorkFiles(assignment.work_dir).readManifest();
  const focus = new Set((await filesInFocus(manifest, assignment)).map((file) => file.path));
  const code = await readFiles(
    manifest.path,
    manifest.files.filter((file) => file.kind !== 'other'),
  );
  const sources = code.texts.filter((file) => file.kind === 'source');
  const tests = code.texts.filter((file) => file.kind === 'test');
  const covered = sources.filter((file) => focus.has(file.path));
  const unreadable = code.unreadable.filter((file) => focus.has(file.path));
  const findings = findMissingTests(covered, { sources, tests });
  return leaveResult(task, assignment, {
    analysis: 'missing_tests',
    whole: false,
    covered,
    unreadable,
    findings,
  });
}

interface Found extends Omit<AnalysisResult, 'covered' | 'round'> {
  readonly covered: readonly FileText[];
}

async function leaveResult(task: AgentTask, assignment: Assignment, found: Found): Promise<Answer> {
  const covered = found.covered.map((file) => file.path);
  const result = { ...found, round: assignment.round, covered };
  return {
    covered: covered.length,
    unreadable: found.unreadable.length,
    findings: found.findings.length,
    file: await createWorkFiles(assignment.work_dir).writeResult(result, task.index),
  };
}

async function filesInFocus(manifest: Manifest, assignment: Assignment): Promise<readonly AuditFile[]> {
  const { max_bytes, list }: Focus = assignment.focus;
  const small = manifest.files.filter((file) => file.bytes <= (max_bytes ?? Infinity));
  if (list === undefined) return small;
  const named = new Set(await createWorkFiles(assignment.work_dir).readFocus(list));
  return small.filter((file) => named.has(file.path));
}

/** The quality gate: everything that was due has been read, or is known to be unreadable. */
async function review(task: AgentTask): Promise<Answer> {
  const { work_dir, round } = readAssignment(task.context);
  const files = createWorkFiles(work_dir);
  const manifest = await files.readManifest();
  const results = await files.readResults();
  const coverage = reviewCoverage(manifest, results);
  const missing = [...new Set(coverage.flatMap((entry) => entry.missing))].sort();
  const verdict = missing.length > 0 ? 'again' : 'pass';
  const reason =
    verdict === 'again'
      ? `${String(missing.length)} of ${String(manifest.files.length)} files have not been read by every analysis yet.`
      : `Every analysis has read all it had to${describeUnread(manifest, results)}.`;
  await files.writeReview({ round, verdict, reason, coverage });
  const findings = ANALYSES.reduce((sum, name) => sum + collectFindings(results, name).length, 0);
  const left = new Set(missing);
  const next = verdict === 'again' ? manifest.files.filter((file) => left.has(file.path)) : manifest.files;
  return {
    verdict,
    reason,
    missing: missing.length,
    findings,
    focus: verdict === 'again' ? { list: await files.writeFocus(round, missing) } : {},
    areas: [...new Set(next.map((file) => file.area).filter((area) => area !== null))],
  };
}

async function writeReport(task: AgentTask): Promise<Answer> {
  const { work_dir, report_path, instance_id } = readAssignment(task.context);
  const files = createWorkFiles(work_dir);
  const report = renderReport({
    instanceId: instance_id,
    writtenAt: new Date().toISOString(),
    manifest: await files.readManifest(),
    reviews: await files.readReviews(),
    results: await files.readResults(),
  });
  await writeWhole(report_path, report);
  return {
    report_path,
    sha256: createHash('sha256').update(report).digest('hex'),
    size_bytes: Buffer.byteLength(report),
  };
}
