/** From a document that was read to its report: shape, meaning, and the normalised definition where all is well. */
import { isJsonObject } from '../json/json.js';
import type { Json } from '../json/json.js';
import { checkSemantics } from './check-semantics.js';
import { checkShape, type Written } from './check-shape.js';
import type { Definition } from './definition.js';
import type { Diagnostic } from './diagnostic.js';
import type { Finding } from './finding.js';
import { show } from './finding.js';
import { DEFINITION_LIMITS } from './limits.js';
import { normalizeDefinition } from './normalize-definition.js';
import { outlineDocument } from './outline.js';
import { toDiagnostics, type Origin } from './to-diagnostics.js';

export interface CheckOptions {
  /** The file's name, for diagnostics. */
  readonly file?: string;
  /** Names, or name@version, of the definitions there are; without it references are not looked up. */
  readonly knownDefinitions?: readonly string[];
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
  readonly document: Json;
  /** From reading it: where there are any, it is not checked further. */
  readonly findings: readonly Finding[];
  readonly written: Written;
  readonly origin: Origin;
}

/** Checks a document that was read from a text or copied from an object. */
export function checkDocument(checkable: Checkable, known: readonly string[] | undefined): CheckResult {
  const { document, findings, written, origin } = checkable;
  if (findings.length > 0) {
    return { definition: null, diagnostics: toDiagnostics(findings, origin), document: null };
  }
  const diagnostics = toDiagnostics(collectFindings(document, written, known), origin);
  const isRefused = diagnostics.some(({ severity }) => severity === 'error');
  const definition = isRefused || !isJsonObject(document) ? null : normalizeDefinition(document);
  return { definition, diagnostics, document };
}

function collectFindings(document: Json, written: Written, known: readonly string[] | undefined): Finding[] {
  if (!isJsonObject(document)) return [notAMap(document)];
  const findings: Finding[] = [];
  const report = (finding: Finding): void => {
    findings.push(finding);
    if (findings.length >= DEFINITION_LIMITS.maxFindings) throw new EnoughFindings();
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
