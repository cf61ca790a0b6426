import { createHash } from 'node:crypto';
import type { FileText, Finding, FolderToAudit, Manifest } from '../audit/audit-file.js';
import { collectFailedFolders, describeFailedFolders } from '../audit/failed-folders.js';
import { findMissingTests } from '../audit/find-missing-tests.js';
import { findRepeatedBlocks } from '../audit/find-repeated-blocks.js';
import { findTodos } from '../audit/find-todos.js';
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
import { surveyTree } from '../audit/survey-tree.js';
import { filesInFocus, leaveResult } from './analysis-result.js';
import { readAssignment, type Assignment } from './assignment.js';
import { auditFolder } from './audit-folder.js';
import type { AgentTask } from './engine-link.js';
import { estimateTokens } from './estimate-tokens.js';
import { withBudget } from './with-budget.js';
import { createWorkFiles, writeWhole } from './work-files.js';
import type { Done, Work } from './work.js';

/** What an agent of a role does, and where its tasks stand. */
export interface Role {
  readonly work: Work;
  /** Its tasks stand in the children too: it looks through the whole tree. */
  readonly throughTree?: true;
}

/** Every role of the definitions (`meta.role` of their tasks). */
export const ROLES: Readonly<Record<string, Role>> = {
  surveyor: { work: takeInventory },
  sizes: {
    work: analysis('sizes', ({ texts, assignment }) =>
      texts.flatMap((file) => findLongFiles(file, assignment.limits.max_file_lines)),
    ),
  },
  functions: { work: auditFolder, throughTree: true },
  duplicates: { work: findDuplicates },
  coverage: { work: findUntested },
  todos: { work: analysis('todos', ({ texts }) => texts.flatMap(findTodos)) },
  reviewer: { work: review },
  writer: { work: writeReport },
};

async function takeInventory(task: AgentTask): Promise<Done> {
  const { path, work_dir, extra_folders } = readAssignment(task.context);
  const manifest = await surveyTree(path, extra_folders);
  if (manifest.files.length === 0) throw new Error(`${path} holds no file that is not generated`);
  const answer = {
    files: manifest.files.length,
    source_files: manifest.files.filter((file) => file.kind === 'source').length,
    bytes: manifest.files.reduce((sum, file) => sum + file.bytes, 0),
    manifest: await createWorkFiles(work_dir).writeManifest(manifest),
    folders: foldersToAudit(manifest, manifest.areas),
  };
  return { answer, tokens: tokensOf(manifest.files.map((file) => file.path)) };
}

/** Areas as work for children, each with what its files in the inventory may cost. */
function foldersToAudit(manifest: Manifest, areas: readonly string[]): readonly FolderToAudit[] {
  return areas.map((area) =>
    withBudget(
      area,
      manifest.files.filter((file) => file.area === area),
      'area',
    ),
  );
}

/** What an agent has read that is no file of the tree. */
function tokensOf(read: unknown): number {
  return estimateTokens(Buffer.byteLength(JSON.stringify(read)));
}

interface AnalysisInput {
  readonly texts: readonly FileText[];
  readonly assignment: Assignment;
}

/** An analysis that looks at each file of the round's focus by itself. */
function analysis(name: string, find: (input: AnalysisInput) => readonly Finding[]): Work {
  return async (task) => {
    const assignment = readAssignment(task.context);
    const manifest = await createWorkFiles(assignment.work_dir).readManifest();
    const files = (await filesInFocus(manifest, assignment)).filter((file) => isDue(name, file));
    const { texts, unreadable } = await readFiles(manifest.path, files);
    const findings = find({ texts, assignment });
    return leaveResult(assignment, { analysis: name, whole: false, covered: texts, unreadable, findings });
  };
}

/** Repeats are found between files: once a round looks at the rest, it compares all of them. */
async function findDuplicates(task: AgentTask): Promise<Done> {
  const assignment = readAssignment(task.context);
  const manifest = await createWorkFiles(assignment.work_dir).readManifest();
  const upTo = assignment.focus.max_bytes ?? Infinity;
  const files = manifest.files.filter((file) => isDue('repeated_blocks', file) && file.bytes <= upTo);
  const { texts, unreadable } = await readFiles(manifest.path, files);
  const findings = findRepeatedBlocks(texts, assignment.limits.min_block_lines);
  const result = { analysis: 'repeated_blocks', whole: true, covered: texts, unreadable, findings };
  return leaveResult(assignment, result);
}

/** What leads from a test to a file may be any file of the tree, whatever the round looks at. */
async function findUntested(task: AgentTask): Promise<Done> {
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
  const found = { analysis: 'missing_tests', whole: false, covered, unreadable, findings };
  return leaveResult(assignment, { ...found, read: code.texts });
}

/** The quality gate: everything that was due has been read, or is known to be unreadable. */
async function review(task: AgentTask): Promise<Done> {
  const { work_dir, round, folders, failed } = readAssignment(task.context);
  const files = createWorkFiles(work_dir);
  const manifest = await files.readManifest();
  const results = await files.readResults();
  const coverage = reviewCoverage(manifest, results);
  const missing = [...new Set(coverage.flatMap((entry) => entry.missing))].sort();
  const verdict = missing.length > 0 ? 'again' : 'pass';
  const earlier = (await files.readReviews()).filter((one) => one.round < round);
  const unaudited = collectFailedFolders([...earlier, { folders, failed }]);
  const said =
    verdict === 'again'
      ? `${String(missing.length)} of ${String(manifest.files.length)} files have not been read by every analysis yet.`
      : `Every analysis has read all it had to${describeUnread(manifest, results)}.`;
  const reason = `${said}${describeFailedFolders(unaudited)}`;
  await files.writeReview({ round, folders, failed, verdict, reason, coverage });
  const answer = {
    verdict,
    reason,
    missing: missing.length,
    findings: ANALYSES.reduce((sum, name) => sum + collectFindings(results, name).length, 0),
    failed: unaudited,
    focus: verdict === 'again' ? { list: await files.writeFocus(round, missing) } : {},
    folders: foldersToAudit(manifest, verdict === 'again' ? areasOf(manifest, missing) : manifest.areas),
  };
  return { answer, tokens: tokensOf(results) };
}

/** The areas that hold any of the files. */
function areasOf(manifest: Manifest, paths: readonly string[]): readonly string[] {
  const named = new Set(paths);
  const held = new Set(manifest.files.filter((file) => named.has(file.path)).map((file) => file.area));
  return manifest.areas.filter((area) => held.has(area));
}

async function writeReport(task: AgentTask): Promise<Done> {
  const { work_dir, report_path, instance_id } = readAssignment(task.context);
  const files = createWorkFiles(work_dir);
  const input = {
    manifest: await files.readManifest(),
    reviews: await files.readReviews(),
    results: await files.readResults(),
  };
  const report = renderReport({ ...input, instanceId: instance_id, writtenAt: new Date().toISOString() });
  await writeWhole(report_path, report);
  const answer = {
    report_path,
    sha256: createHash('sha256').update(report).digest('hex'),
    size_bytes: Buffer.byteLength(report),
  };
  return { answer, tokens: tokensOf([input.reviews, input.results]) };
}
