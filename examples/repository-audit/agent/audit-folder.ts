import { resolve } from 'node:path';
import { cutFolder } from '../audit/cut-folder.js';
import { findLongFunctions } from '../audit/find-long-functions.js';
import { isWithin } from '../audit/is-within.js';
import { openFolder } from '../audit/open-folder.js';
import { readFiles } from '../audit/read-files.js';
import { isDue } from '../audit/review-coverage.js';
import { filesInFocus, leaveResult } from './analysis-result.js';
import { readAssignment } from './assignment.js';
import type { AgentTask } from './engine-link.js';
import { withBudget } from './with-budget.js';
import { createWorkFiles } from './work-files.js';
import type { Done } from './work.js';

const ANALYSIS = 'long_functions';

/**
 * Looks for long functions in the files of one folder, and names the subfolders that are left to others.
 * @throws FolderUnreadableError where the folder can't be opened
 */
export async function auditFolder(task: AgentTask): Promise<Done> {
  const assignment = readAssignment(task.context);
  const { path, work_dir, folder, area } = assignment;
  await openFolder(resolve(path, folder));
  const manifest = await createWorkFiles(work_dir).readManifest();
  const files = (await filesInFocus(manifest, assignment)).filter(
    (file) => isDue(ANALYSIS, file) && file.area === area && isWithin(folder, file.path),
  );
  const { max_subfolders: most, min_subfolder_files: minFiles } = assignment;
  const { own, subfolders } = cutFolder(folder, files, { most, minFiles });
  const { texts, unreadable } = await readFiles(path, own);
  const findings = texts.flatMap((file) => findLongFunctions(file, assignment.limits.max_function_lines));
  const { answer, tokens } = await leaveResult(assignment, {
    analysis: ANALYSIS,
    whole: false,
    covered: texts,
    unreadable,
    findings,
    folder,
  });
  const left = subfolders.map((one) => withBudget(one.folder, one.files, 'subfolder'));
  return { answer: { ...answer, subfolders: left }, tokens };
}
