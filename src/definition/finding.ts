import type { Severity } from './diagnostic.js';
import type { DiagnosticCode } from './diagnostic-codes.js';

export type PathSegment = string | number;

/** From the document's root to a value; empty for the document. */
export type Path = readonly PathSegment[];

/** Something that a check found, before its place in the text is looked up. */
export interface Finding {
  readonly code: DiagnosticCode;
  readonly message: string;
  readonly path: Path;
  /** In place of the code's own. */
  readonly severity?: Severity;
  readonly hint?: string;
  /** What was written and what could have been: the nearest name becomes the hint where there is no other. */
  readonly nearest?: { readonly given: string; readonly names: readonly string[] };
  /** Point at the key instead of the value. */
  readonly at?: 'key';
  /** Where in the string at `path`, in UTF-16 units. */
  readonly offset?: number;
  /** Where in the text, for findings that have no path; beats the path. */
  readonly textOffset?: number;
  /** Of a problem in reading, what further checks are not to report: by default whatever stands at `path` or below. */
  readonly hides?: 'missing' | 'nothing' | 'holder';
}

export type Report = (finding: Finding) => void;

const PLAIN_KEY = /^[A-Za-z_$][A-Za-z0-9_$-]*$/;

/** `phases[2].next[0].goto`; keys that are no plain names stand in `["…"]`. */
export function formatPath(path: Path): string {
  let text = '';
  for (const segment of path) {
    if (typeof segment === 'number') text += `[${segment}]`;
    else if (!PLAIN_KEY.test(segment)) text += `[${JSON.stringify(segment.slice(0, 60))}]`;
    else text += text === '' ? segment : `.${segment}`;
  }
  return text;
}

const SHOWN_CHARS = 60;

/** A value as it may stand in a message: escaped, on one line, cut. */
export function show(value: unknown): string {
  const text = typeof value === 'string' ? JSON.stringify(value) : describeValue(value);
  return text.length > SHOWN_CHARS ? `${text.slice(0, SHOWN_CHARS)}…` : text;
}

function describeValue(value: unknown): string {
  if (value === undefined) return 'nothing';
  if (Array.isArray(value)) return value.length === 0 ? 'an empty list' : `a list of ${value.length}`;
  if (typeof value === 'object' && value !== null) return 'a map';
  return String(value);
}
