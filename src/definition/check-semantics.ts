/** All that can be known of a document before a run, beyond its shape. */
import { checkExpressions } from './check-expressions.js';
import { checkJoins } from './check-joins.js';
import { checkKinds } from './check-kinds.js';
import { checkNames } from './check-names.js';
import { checkReachability } from './check-reachability.js';
import { checkSchemas } from './check-schemas.js';
import { checkSubworkflows, type KnownDefinitions } from './check-subworkflows.js';
import { checkTargets } from './check-targets.js';
import { checkTasks } from './check-tasks.js';
import type { Report } from './finding.js';
import { inlineOutlines, type Outline } from './outline.js';

type Check = (outline: Outline, report: Report) => void;

const CHECKS: readonly Check[] = [
  checkNames,
  checkKinds,
  checkTargets,
  checkReachability,
  checkJoins,
  checkTasks,
  checkSchemas,
  checkExpressions,
];

/** Runs every check on a document and on the inline ones in it. `known` are the definitions there are. */
export function checkSemantics(outline: Outline, known: KnownDefinitions, report: Report): void {
  for (const check of CHECKS) check(outline, report);
  checkSubworkflows(outline, known, report);
  for (const inline of inlineOutlines(outline)) checkSemantics(inline, known, report);
}
