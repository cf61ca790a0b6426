import { Composer } from 'yaml';
import type { CST, Node, YAMLError } from 'yaml';
import type { Finding } from './finding.js';
import { blockPathAt } from './locate-node.js';

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
export function composeYaml(tokens: readonly CST.Token[], text: string): Composed {
  const composer = new Composer({ version: '1.2', schema: 'core', uniqueKeys: false, prettyErrors: false });
  const [document] = withoutStackTraces(() => [...composer.compose(tokens, true, text.length)]);
  if (!document) return { root: null, findings: [], isTorn: false };
  const { contents: root } = document;
  const problems = [...document.errors, ...document.warnings].sort((a, b) => a.pos[0] - b.pos[0]);
  const isTorn = problems.some((problem) => !isWithinValue(problem, root));
  return { root, findings: describeProblems(problems, root, text), isTorn };
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

/** The first problem of each line: what follows on a line mostly follows from it. */
function describeProblems(problems: readonly YAMLError[], root: Node | null, text: string): Finding[] {
  const findings: Finding[] = [];
  let lineEnd = -1;
  for (const problem of problems) {
    const [offset] = problem.pos;
    if (offset <= lineEnd) continue;
    findings.push({ ...describeProblem(problem, text), ...(root ? placeOf(problem, root) : {}) });
    if (findings.length >= MAX_SYNTAX_FINDINGS) break;
    const end = text.indexOf('\n', offset);
    lineEnd = end === -1 ? text.length : end;
  }
  return findings;
}

function describeProblem(problem: YAMLError, text: string): Finding {
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
  BAD_INDENT: 'entries of one map or list begin in the same column',
};

/** `when: "a" == "b"` and `{ table: ${item} }` are what people write without knowing what YAML reads. */
function hintFor(problem: YAMLError, text: string): string | undefined {
  const start = text.lastIndexOf('\n', problem.pos[0] - 1) + 1;
  const before = text.slice(start, problem.pos[0] + 2);
  if (/[{[,:]\s*[^'"]*\$\{/.test(before) && /[{[]/.test(before.replaceAll('${', ''))) {
    return 'in a flow map or list, quote what holds ${…}: "${…}"';
  }
  if (problem.code === 'UNEXPECTED_TOKEN' && /:\s+["'].*["']\s*\S/.test(before)) {
    return 'an expression that begins with a quote stands in quotes of the other kind: \'"a" == b\'';
  }
  return HINTS[problem.code];
}
