/** Which definitions a document refers to, and how deep its inline ones lie. */
import { isJsonObject } from '../json/json.js';
import type { JsonObject } from '../json/json.js';
import type { Path, Report } from './finding.js';
import { show } from './finding.js';
import { SCHEMA_ID } from '../json/schema-id.js';
import { nearestName } from './nearest-name.js';
import { textOf, type Outline } from './outline.js';

export interface KnownDefinitions {
  /** Names, or name@version, of the definitions there are; undefined where that is not known. */
  readonly knownDefinitions?: readonly string[];
  /** Where they were looked for, where there may be others. */
  readonly lookedIn?: readonly string[];
}

export function checkSubworkflows(outline: Outline, options: KnownDefinitions, report: Report): void {
  const { knownDefinitions: known, lookedIn } = options;
  const all = known && new Set([...known, ...ownReferences(outline)].map(normalise));
  const names = all && new Set([...all].map((reference) => reference.split('@')[0] ?? ''));
  for (const { tasks } of outline.phases) {
    for (const { raw, path } of tasks) {
      const value = raw['subworkflow'];
      const at = [...path, 'subworkflow'];
      if (isJsonObject(value)) checkDepth(value, outline, at, report);
      else if (typeof value === 'string' && all && names)
        checkReference(value, at, { all, names, lookedIn }, report);
    }
  }
}

/** A child's depth is the least that it can be: the document itself may have been started as a child. */
function checkDepth(child: JsonObject, outline: Outline, path: Path, report: Report): void {
  const depth = outline.depth + 1;
  const limits = [child, ...lineOf(outline)].map((raw) => raw['max_recursion_depth']);
  const limit = limits.find((value) => typeof value === 'number' && value >= 1 && value < depth);
  if (limit === undefined) return;
  const message = `This child has at least the depth ${depth}, and \`max_recursion_depth\` is ${show(limit)}`;
  report({ code: 'subworkflow-too-deep', message, path, at: 'key', hint: 'raise `max_recursion_depth`' });
}

/** A document and those that it stands in. */
function lineOf(outline: Outline): readonly JsonObject[] {
  return [outline.raw, ...(outline.parent ? lineOf(outline.parent) : [])];
}

interface Known {
  /** Names and name@version. */
  readonly all: ReadonlySet<string>;
  readonly names: ReadonlySet<string>;
  readonly lookedIn: readonly string[] | undefined;
}

function checkReference(reference: string, path: Path, known: Known, report: Report): void {
  const { all, names, lookedIn } = known;
  if (reference.includes('${') || !SCHEMA_ID.test(reference)) return;
  const wanted = normalise(reference);
  const [name = '', version] = wanted.split('@');
  // A name without a version among the known ones stands for whatever versions there are.
  if (all.has(wanted) || all.has(name) || (version === undefined && names.has(name))) return;
  const message = `There is no definition ${show(reference)}`;
  const versions = [...all].filter((one) => one.startsWith(`${name}@`));
  const nearest = { given: reference, names: versions.length > 0 ? versions : [...names] };
  const found = lookedIn && nearestName(nearest.given, nearest.names);
  const guess = found === undefined ? '' : `did you mean \`${found}\`? `;
  const lax = lookedIn && {
    severity: 'warning' as const,
    hint: `${guess}looked in ${lookedIn.join(', ')}; a worker may have others`,
  };
  report({ code: 'unknown-subworkflow', message, path, nearest, ...lax });
}

/** `name@v1.2` is `name@1.2`. */
function normalise(reference: string): string {
  return reference.replace(/@v(?=\d)/, '@');
}

/** A document may start itself: the outermost one, since an inline one has no place where it could be found. */
function ownReferences(outline: Outline): readonly string[] {
  if (outline.parent) return ownReferences(outline.parent);
  const name = textOf(outline.raw['name']);
  return name === undefined ? [] : [`${name}@${textOf(outline.raw['version']) ?? ''}`];
}
