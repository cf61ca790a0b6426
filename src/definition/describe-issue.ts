/** One issue of zod's about one value, in our words. */
import type { z } from 'zod';
import type { Finding, Path } from './finding.js';
import { show } from './finding.js';
import { DOCUMENT_NAME, NAME, reservedBy } from './names.js';
import { describeExpected } from './schema-tree.js';

interface IssueAt {
  readonly path: Path;
  readonly value: unknown;
  /** How a value is written in the text. */
  readonly written: (path: Path) => string;
}

type Issue = z.core.$ZodIssue;
type IssueOf<Code extends Issue['code']> = Extract<Issue, { readonly code: Code }>;

export function describeIssue(issue: Issue, at: IssueAt): Finding {
  switch (issue.code) {
    case 'invalid_type':
      return describeWrongType(issue.expected, at);
    case 'invalid_value':
      return describeWrongValue(issue, at);
    case 'too_small':
    case 'too_big':
      return { code: 'out-of-range', message: describeRange(issue, at.value), path: at.path };
    case 'invalid_format':
      return describeFormat(issue.message, at);
    case 'invalid_key':
      return describeWrongKey(at);
    default:
      return { code: 'wrong-value', message: `${show(at.value)}: ${issue.message}`, path: at.path };
  }
}

function describeWrongType(expected: string, { path, value, written }: IssueAt): Finding {
  if (value === undefined) return missingKey(path);
  if (isVersion(path) && typeof value !== 'object') {
    const message = `Expected a text, got ${describeGiven(value)}`;
    return {
      code: 'version-not-string',
      message,
      path,
      hint: `put it in quotes: version: "${written(path)}"`,
    };
  }
  const hint =
    hintForTemplate(path, value) ??
    hintForName(path, value, written(path)) ??
    hintForType(expected, value, written(path));
  const message = `Expected ${describeExpected(expected)}, got ${describeGiven(value)}`;
  return { code: 'wrong-type', message, path, ...(hint === undefined ? {} : { hint }) };
}

/** The version of the document, or of an inline one. */
function isVersion(path: Path): boolean {
  return path.at(-1) === 'version' && isOfDocument(path);
}

function isOfDocument(path: Path): boolean {
  return path.length === 1 || path.at(-2) === 'subworkflow';
}

function missingKey(path: Path): Finding {
  const key = String(path.at(-1) ?? '');
  const hint = key === 'version' ? { hint: 'add one, in quotes: version: "1.0"' } : {};
  return { code: 'missing-key', message: `\`${key}\` is missing`, path, ...hint };
}

/** A value with its type. */
export function describeGiven(value: unknown): string {
  if (typeof value === 'string') return `the text ${show(value)}`;
  if (typeof value === 'number') return `the number ${show(value)}`;
  return show(value);
}

/** Quotes alone may not make a name of a number: `5` is none of a phase. */
function hintForName(path: Path, value: unknown, written: string): string | undefined {
  const isOfList = typeof path.at(-2) === 'number' && ['phases', 'tasks'].includes(String(path.at(-3)));
  if (path.at(-1) !== 'name' || typeof value === 'object' || !(isOfList || isOfDocument(path)))
    return undefined;
  const isAllowed = isOfList
    ? NAME.test(written) && reservedBy(written) === undefined
    : DOCUMENT_NAME.test(written);
  return isAllowed ? undefined : `e.g. \`${suggestName(written)}\``;
}

function hintForType(expected: string, value: unknown, written: string): string | undefined {
  if (expected === 'string' && (typeof value === 'number' || typeof value === 'boolean')) {
    return `put it in quotes: "${written}"`;
  }
  if (expected === 'array') return 'a list is written `[a, b]`, or with a `- ` before each entry';
  if (typeof value !== 'string' || (expected !== 'number' && expected !== 'int')) return undefined;
  if (value.includes('${')) return 'write the number: `${…}` gives none here';
  return hintForDigits(value);
}

/** Digits in quotes are a text. */
export function hintForDigits(value: unknown): string | undefined {
  const isNumber = typeof value === 'string' && value.trim() !== '' && Number.isFinite(Number(value));
  return isNumber ? `without quotes: ${value.trim()}` : undefined;
}

const SETTLED_AT_START: Readonly<Record<string, string>> = {
  automation_level: 'a start may bring another `automation_level`',
  default_resource_quota: 'a start may bring its own `resource_quota`',
  max_recursion_depth: 'the configuration may lower it',
};

/** `${…}` in a number of the document itself, or of an inline one. */
function hintForTemplate(path: Path, value: unknown): string | undefined {
  if (typeof value !== 'string' || !value.includes('${')) return undefined;
  const key = path.find((segment) => Object.hasOwn(SETTLED_AT_START, segment));
  if (key === undefined) return undefined;
  return `write the number: it is settled before there are variables; ${SETTLED_AT_START[key]}`;
}

function describeWrongValue(issue: IssueOf<'invalid_value'>, { path, value }: IssueAt): Finding {
  if (value === undefined) return missingKey(path);
  const names = issue.values.map(String);
  const message = `${show(value)} is none of ${names.join(', ')}`;
  const code = typeof value === 'string' ? 'wrong-value' : 'wrong-type';
  return { code, message, path, nearest: { given: String(value), names } };
}

function describeRange(issue: IssueOf<'too_small' | 'too_big'>, value: unknown): string {
  const isLow = issue.code === 'too_small';
  const bound = isLow ? issue.minimum : issue.maximum;
  if (issue.origin === 'array')
    return isLow && bound === 1
      ? 'The list is empty'
      : `Expected at ${isLow ? 'least' : 'most'} ${bound} entries`;
  if (issue.origin === 'string') {
    return bound === 1 && isLow
      ? 'The text is empty'
      : `Expected at ${isLow ? 'least' : 'most'} ${bound} characters`;
  }
  if (issue.inclusive === false) return `${show(value)} is not ${isLow ? 'greater' : 'less'} than ${bound}`;
  return `${show(value)} is ${isLow ? 'less' : 'more'} than ${bound}`;
}

function describeFormat(rule: string, { path, value }: IssueAt): Finding {
  const message = `${show(value)} is not allowed: ${rule}`;
  if (path.at(-1) !== 'name') return { code: 'wrong-value', message, path };
  const suggestion = suggestName(String(value));
  return {
    code: 'bad-name',
    message,
    path,
    ...(suggestion === '' ? {} : { hint: `e.g. \`${suggestion}\`` }),
  };
}

/** Keys of maps may be any text but the empty one. */
function describeWrongKey({ path }: IssueAt): Finding {
  const message = 'The key is empty: a key here is a text of at least one character';
  return { code: 'wrong-value', message, path, at: 'key', hint: 'give it a name' };
}

/** A name that is allowed, as near as it can be. */
function suggestName(given: string): string {
  const cleaned = given
    .slice(0, 64)
    .trim()
    .replace(/[^A-Za-z0-9_-]+/g, '_')
    .replace(/^[-_]+|[-_]+$/g, '');
  const isTaken = /^[0-9]/.test(cleaned) || reservedBy(cleaned) !== undefined;
  return isTaken ? `_${cleaned}`.slice(0, 64) : cleaned;
}
