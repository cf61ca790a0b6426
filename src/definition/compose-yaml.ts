import { Composer } from 'yaml';
import type { Node, YAMLError } from 'yaml';
import type { Finding } from './finding.js';
import { blockPathAt, pathAt } from './locate-node.js';
import type { Scanned } from './scan-yaml.js';

export interface Composed {
  /** Null where the text holds no value. */
  readonly root: Node | null;
  /** Errors and warnings of the parser: both refuse the document. */
  readonly findings: readonly Finding[];
  /** Whether a problem may have moved what stands behind it: the rest of the text cannot be judged then. */
  readonly isTorn: boolean;
}

const MAX_SYNTAX_FINDINGS = 20;

/** Composes scanned tokens into nodes, by YAML 1.2's core schema. Duplicate keys are left to who reads the nodes. */
export function composeYaml({ tokens, findings }: Scanned, text: string): Composed {
  const composer = new Composer({ version: '1.2', schema: 'core', uniqueKeys: false, prettyErrors: false });
  const [document] = withoutStackTraces(() => [...composer.compose(tokens, true, text.length)]);
  if (!document) return { root: null, findings: [], isTorn: false };
  const { contents: root, range } = document;
  const errors = [...document.errors, ...document.warnings];
  const isTorn = errors.some((error) => error.pos[0] >= range[2] || !isWithinValue(error, root));
  const scanned = findings.map((finding) => ofScanner(finding, root));
  const untold = findings.length === 0 ? errors : errors.filter((error) => !isTold(error));
  const composed = untold.map((error) => ofComposer(error, root, text));
  const problems = [...scanned, ...composed].sort((a, b) => a.offset - b.offset);
  return { root, findings: describeProblems(problems, range[2], text), isTorn };
}

/** A problem is looked at closely only where it is reported: there may be one for each character. */
interface Problem {
  readonly offset: number;
  readonly describe: () => Finding;
  readonly isScanned: boolean;
  /** Whether a flow map or list never ends: what stands behind was taken for a part of it. */
  readonly isOpenFlow: boolean;
}

function ofScanner(finding: Finding, root: Node | null): Problem {
  const offset = finding.textOffset ?? 0;
  const describe = () => ({ ...finding, path: root ? pathAt(root, offset) : [] });
  return { offset, describe, isScanned: true, isOpenFlow: false };
}

function ofComposer(error: YAMLError, root: Node | null, text: string): Problem {
  const describe = () => ({ ...describeError(error, text), ...(root ? placeOf(error, root) : {}) });
  return { offset: error.pos[0], describe, isScanned: false, isOpenFlow: OPEN_FLOW.test(error.message) };
}

const OPEN_FLOW = /^Flow (?:map|sequence) .*end with a ([\]}])$/;

/** The scanner has told where the quote opens. */
function isTold({ code, message }: YAMLError): boolean {
  return code === 'MISSING_CHAR' && /^Missing closing ["']quote$/.test(message);
}

/** Problems of one scalar, which say nothing of what stands around it. */
const OF_ONE_SCALAR = new Set<YAMLError['code']>(['TAG_RESOLVE_FAILED', 'BAD_DQ_ESCAPE', 'BAD_SCALAR_START']);

/** Problems that the composer steps over, so that what follows the value is read as it was meant. */
const OF_ONE_VALUE = new Set<YAMLError['code']>(['UNEXPECTED_TOKEN', 'BLOCK_AS_IMPLICIT_KEY']);

/** `phases`, an index, and a key: a value of a phase, whatever is left of it, leaves the other ones as they are. */
const VALUE_DEPTH = 3;

function isWithinValue({ code, pos }: YAMLError, root: Node | null): boolean {
  if (OF_ONE_SCALAR.has(code)) return true;
  return OF_ONE_VALUE.has(code) && root !== null && blockPathAt(root, pos[0]).length >= VALUE_DEPTH;
}

/**
 * The composer makes an Error for each problem, and a stack trace costs 30 µs: more than a second for the problems
 * that 256 KiB of commas have.
 */
function withoutStackTraces<T>(run: () => T): T {
  const limit = Error.stackTraceLimit;
  Error.stackTraceLimit = 0;
  try {
    return run();
  } finally {
    Error.stackTraceLimit = limit;
  }
}

/** `task: Analyse: this` is read as a map in a map, which takes the keys below it from the map that they belong to. */
function placeOf({ code, pos }: YAMLError, root: Node): Pick<Finding, 'path' | 'hides'> {
  const path = blockPathAt(root, pos[0]);
  return code === 'BLOCK_AS_IMPLICIT_KEY' ? { path: path.slice(0, -1), hides: 'holder' } : { path };
}

/**
 * The first problem of each line: what follows on a line mostly follows from it. So does all that stands behind the
 * document's `end`, and a map that never ends behind what the scanner has found in it.
 */
function describeProblems(problems: readonly Problem[], end: number, text: string): Finding[] {
  const findings: Finding[] = [];
  let wasScanned = false;
  let lineEnd = -1;
  for (const { offset, describe, isScanned, isOpenFlow } of problems) {
    if ((isOpenFlow && wasScanned) || (offset >= end && findings.length > 0)) break;
    if (offset > lineEnd) {
      findings.push(describe());
      const next = text.indexOf('\n', offset);
      lineEnd = next === -1 ? text.length : next;
    }
    if (isOpenFlow || findings.length >= MAX_SYNTAX_FINDINGS) break;
    wasScanned ||= isScanned;
  }
  return findings;
}

function describeError(problem: YAMLError, text: string): Finding {
  const [textOffset] = problem.pos;
  if (problem.code === 'TAG_RESOLVE_FAILED') return describeTag(textOffset, text);
  const hint = hintFor(problem, text);
  return {
    code: 'yaml-syntax',
    message: problem.message,
    path: [],
    textOffset,
    ...(hint === undefined ? {} : { hint }),
  };
}

/** A `!` where a value begins. In definitions that is nearly always an expression without quotes. */
export function describeTag(textOffset: number, text: string): Finding {
  const tag = /^!\S{0,40}/.exec(text.slice(textOffset, textOffset + 41))?.[0] ?? '!';
  return {
    code: 'yaml-tag',
    message: `\`${tag}\` is read as a YAML tag`,
    path: [],
    textOffset,
    hint: "quote this expression: '…'",
  };
}

const HINTS: Readonly<Partial<Record<YAMLError['code'], string>>> = {
  BLOCK_AS_IMPLICIT_KEY: "a text with `: ` in it stands in quotes: '…'",
  MULTILINE_IMPLICIT_KEY: 'a `:` is missing, or the line is indented too little',
  TAB_AS_INDENT: 'indent with spaces',
  BAD_DQ_ESCAPE: "in double quotes \\ begins an escape; single quotes take it as it is: '…'",
  BAD_ALIAS: "a text that begins with * stands in quotes: '…'",
  BAD_SCALAR_START: "quote this text: '…'",
  BLOCK_IN_FLOW: 'a quote or a comma is missing; a list in { } and [ ] is written `[a, b]`',
  BAD_INDENT: 'entries of one map or list begin in the same column',
};

/** `when: "a" == "b"` is what people write without knowing what YAML reads. */
function hintFor(problem: YAMLError, text: string): string | undefined {
  const [offset] = problem.pos;
  const closer = OPEN_FLOW.exec(problem.message)?.[1];
  if (closer !== undefined) return `a \`${closer}\` is missing, or stands too far to the left`;
  const before = text.slice(text.lastIndexOf('\n', offset - 1) + 1, offset + 2);
  if (problem.code === 'UNEXPECTED_TOKEN' && /[\]}]/.test(text.charAt(offset))) {
    return 'no bracket is open here: remove it, or quote the text';
  }
  if (problem.code === 'UNEXPECTED_TOKEN' && /:\s+["'].*["']\s*\S/.test(before)) {
    return 'an expression that begins with a quote stands in quotes of the other kind: \'"a" == b\'';
  }
  return HINTS[problem.code];
}
