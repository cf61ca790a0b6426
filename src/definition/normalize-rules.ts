/** Parts of a normalised definition that documents, phases and tasks share. */
import { parseTemplate } from '../expression/index.js';
import { isJsonObject } from '../json/json.js';
import type { Json } from '../json/json.js';
import { compact } from './compact.js';
import type { ExpressionMap, FailureRule, JoinTemplate } from './definition.js';
import { listOf, textOf } from './outline.js';

/** `any` is 1; what a template gives is known at the run. */
export function normalizeJoin(value: Json | undefined): JoinTemplate | undefined {
  return value === 'any' ? 1 : (value as JoinTemplate | undefined);
}

/** One target is a rule for every error. */
export function normalizeFailure(value: Json | undefined): readonly FailureRule[] {
  if (typeof value === 'string') return [{ goto: value }];
  return listOf(value)
    .filter(isJsonObject)
    .map((rule) =>
      compact({
        errors: rule['errors'] as readonly string[] | undefined,
        goto: rule['goto'] as string,
        outputs: normalizeExpressions(rule['outputs']),
        reason: rule['reason'],
        error: textOf(rule['error']),
      }),
    );
}

/** CEL without the `${…}` round it; a literal as the source that gives it. */
export function normalizeExpression(value: Json | undefined): string | undefined {
  if (value === undefined) return undefined;
  return typeof value === 'string' ? unwrapExpression(value) : toSource(value);
}

/** Every string of `outputs` and `result`. */
export function normalizeExpressions(value: Json | undefined): ExpressionMap | undefined {
  return isJsonObject(value) ? (mapStrings(value, unwrapExpression) as ExpressionMap) : undefined;
}

function mapStrings(value: Json, change: (text: string) => string): Json {
  if (typeof value === 'string') return change(value);
  if (Array.isArray(value)) return value.map((item: Json) => mapStrings(item, change));
  if (!isJsonObject(value)) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, item]) => [key, mapStrings(item ?? null, change)]),
  );
}

function unwrapExpression(source: string): string {
  const trimmed = source.trim();
  if (!trimmed.startsWith('${')) return trimmed;
  const { parts } = parseTemplate(trimmed);
  const [only] = parts;
  return parts.length === 1 && typeof only === 'object' ? only.source.trim() : trimmed;
}

/** A literal in CEL: JSON's own form, with the strings in it as the templates that they are. */
function toSource(value: Json): string {
  if (typeof value === 'string') return templateToSource(value);
  if (Array.isArray(value)) return `[${value.map(toSource).join(', ')}]`;
  if (!isJsonObject(value)) return JSON.stringify(value);
  const entries = Object.entries(value).map(
    ([key, item]) => `${JSON.stringify(key)}: ${toSource(item ?? null)}`,
  );
  return `{${entries.join(', ')}}`;
}

/** One `${…}` alone keeps the type of its value; in longer text values are joined as texts. */
function templateToSource(text: string): string {
  const { parts } = parseTemplate(text);
  const [first] = parts;
  if (parts.length === 1 && typeof first === 'object') return `(${first.source.trim()})`;
  const sources = parts.map((part) =>
    typeof part === 'string' ? JSON.stringify(part) : `string(${part.source.trim()})`,
  );
  return sources.length === 0 ? '""' : sources.length === 1 ? sources.join('') : `(${sources.join(' + ')})`;
}
