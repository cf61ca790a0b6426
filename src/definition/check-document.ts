/** From a document that was read to its report: shape, meaning, and the normalised definition where all is well. */
import { isJsonObject } from '../json/json.js';
import type { Json, JsonObject } from '../json/json.js';
import { checkSemantics } from './check-semantics.js';
import { checkShape, type Written } from './check-shape.js';
import type { KnownDefinitions } from './check-subworkflows.js';
import type { Definition } from './definition.js';
import type { Diagnostic } from './diagnostic.js';
import type { Finding } from './finding.js';
import { show } from './finding.js';
import { DEFINITION_LIMITS } from './limits.js';
import { normalizeDefinition } from './normalize-definition.js';
import { outlineDocument } from './outline.js';
import { withoutFollowUps } from './follow-ups.js';
import { toDiagnostics, type Origin } from './to-diagnostics.js';

export interface CheckOptions {
  /** The file's name, for diagnostics. */
  readonly file?: string;
  /** Names, or name@version, of the definitions there are; without it references are not looked up. */
  readonly knownDefinitions?: readonly string[];
  /** The folders from which `knownDefinitions` come, where there may be others: an unknown one is a warning then. */
  readonly lookedIn?: readonly string[];
}

export interface CheckResult {
  /** Null where there is any error. */
  readonly definition: Definition | null;
  /** Errors and warnings, sorted by line and column; at most 101. */
  readonly diagnostics: readonly Diagnostic[];
  /** The document as plain JSON; null where it could not be read. */
  readonly document: Json | null;
}

/** Thrown to stop the checks of a document that has hundreds of problems. */
class EnoughFindings extends Error {}

interface Checkable {
  /** Undefined where it could not be read. */
  readonly document: Json | undefined;
  /** From reading it. */
  readonly findings: readonly Finding[];
  readonly written: Written;
  readonly origin: Origin;
}

/** Checks a document that was read from a text or copied from an object. */
export function checkDocument(checkable: Checkable, known: KnownDefinitions): CheckResult {
  const { document, findings, origin } = checkable;
  const diagnostics = toDiagnostics([...findings, ...furtherFindings(checkable, known)], origin);
  const isRefused = diagnostics.some(({ severity }) => severity === 'error');
  const definition = isRefused || !isJsonObject(document) ? null : normalizeDefinition(document);
  return { definition, diagnostics, document: findings.length > 0 ? null : (document ?? null) };
}

/** What the shape and the meaning of a document say, beyond the problems in reading it and what follows from them. */
function furtherFindings(checkable: Checkable, known: KnownDefinitions): readonly Finding[] {
  const { document, findings, written } = checkable;
  if (document === undefined) return [];
  if (!isJsonObject(document)) return findings.length > 0 ? [] : [notAMap(document)];
  const limit = DEFINITION_LIMITS.maxFindings - findings.length;
  return withoutFollowUps(collectFindings(document, written, known, limit), findings);
}

function collectFindings(
  document: JsonObject,
  written: Written,
  known: KnownDefinitions,
  limit: number,
): readonly Finding[] {
  const findings: Finding[] = [];
  const report = (finding: Finding): void => {
    if (findings.length >= limit) throw new EnoughFindings();
    findings.push(finding);
  };
  try {
    checkShape(document, written, report);
    checkSemantics(outlineDocument(document), known, report);
  } catch (error) {
    if (!(error instanceof EnoughFindings)) throw error;
  }
  return findings;
}

function notAMap(document: Json): Finding {
  const message = `A definition is a map, not ${show(document)}`;
  const hint = 'a definition begins with `name:`, `version:` and `phases:`';
  return { code: 'wrong-type', message, path: [], hint };
}
