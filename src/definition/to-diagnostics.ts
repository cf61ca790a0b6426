import { characterOffset } from './character-offset.js';
import { DIAGNOSTIC_CODES, type CodeFacts, type DiagnosticCode } from './diagnostic-codes.js';
import type { Diagnostic } from './diagnostic.js';
import { formatPath, type Finding } from './finding.js';
import { DEFINITION_LIMITS } from './limits.js';
import { findPlace, placeOffset } from './locate-node.js';
import type { NodeTree } from './locate-node.js';
import { nearestName } from './nearest-name.js';
import type { SourceText } from './source-text.js';

/** Where findings are looked up: the text and its nodes, as far as there are any. */
export interface Origin {
  readonly source?: SourceText | undefined;
  readonly tree?: NodeTree | undefined;
  readonly file?: string | undefined;
}

/** Looks up where each finding stands; sorted by line and column, each once, cut to 100 with a last one that says so. */
export function toDiagnostics(findings: readonly Finding[], origin: Origin): readonly Diagnostic[] {
  const placed = findings.map((finding) => ({ finding, offset: offsetOf(finding, origin) }));
  const sorted = placed.sort((a, b) => a.offset - b.offset);
  const diagnostics: Diagnostic[] = [];
  const seen = new Set<string>();
  for (const { finding, offset } of sorted) {
    const id = JSON.stringify([finding.code, finding.path, offset, finding.message]);
    if (seen.has(id)) continue;
    seen.add(id);
    if (seen.size > DEFINITION_LIMITS.maxProblems) return [...diagnostics, tooMany(findings, origin, offset)];
    diagnostics.push(toDiagnostic(finding, origin, offset));
  }
  return diagnostics;
}

/** Keeps an error among what is shown: a report cut after a hundred warnings must not look as if it were none. */
function tooMany(findings: readonly Finding[], origin: Origin, offset: number): Diagnostic {
  const message = `There are ${findings.length} problems, the first ${DEFINITION_LIMITS.maxProblems} are shown`;
  return toDiagnostic({ code: 'too-many-problems', message, path: [] }, origin, offset);
}

function offsetOf(finding: Finding, { source, tree }: Origin): number {
  if (finding.textOffset !== undefined) return finding.textOffset;
  if (!source || !tree) return 0;
  const place = findPlace(tree, finding.path);
  const inString =
    finding.offset === undefined || !place.isWhole
      ? undefined
      : characterOffset(place.value, finding.offset, source.text);
  return inString ?? placeOffset(place, finding.at ?? 'value');
}

function toDiagnostic(finding: Finding, { source, file }: Origin, offset: number): Diagnostic {
  const position = source?.position(offset) ?? { line: 1, column: 1 };
  const facts: CodeFacts = DIAGNOSTIC_CODES[finding.code];
  const hint = finding.hint ?? nearestHint(finding) ?? facts.hint;
  return {
    code: finding.code,
    severity: finding.severity ?? facts.severity,
    message: finding.message,
    path: formatPath(finding.path),
    ...position,
    frame: source?.frame(position) ?? '',
    ...(hint === undefined ? {} : { hint }),
    ...(file === undefined ? {} : { file }),
  };
}

function nearestHint({ code, nearest }: Finding): string | undefined {
  if (nearest === undefined) return undefined;
  const found = nearestName(nearest.given, nearest.names);
  return found === undefined ? choiceHint(code, nearest.names) : `did you mean \`${found}\`?`;
}

/** Codes of names that the document or the language gives: where none is near, all of them are told. */
const OF_FEW_NAMES: ReadonlySet<DiagnosticCode> = new Set(['unknown-phase', 'unknown-task', 'wrong-status']);
const MAX_CHOICES = 12;
const MAX_CHOICE_CHARS = 64;

function choiceHint(code: DiagnosticCode, names: readonly string[]): string | undefined {
  const usable = names.filter((name) => name.length <= MAX_CHOICE_CHARS);
  if (!OF_FEW_NAMES.has(code) || usable.length === 0) return undefined;
  const more = usable.length > MAX_CHOICES ? ', …' : '';
  return `one of ${usable.slice(0, MAX_CHOICES).join(', ')}${more}`;
}
