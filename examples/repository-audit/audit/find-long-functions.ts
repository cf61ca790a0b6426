import type { FileText, Finding } from './audit-file.js';
import { languageNamed } from './languages.js';
import { createLineIndex } from './line-index.js';
import { maskCode } from './mask-code.js';

/** A function with the lines it takes, its first and last included. */
export interface FunctionSpan {
  readonly name: string;
  readonly line: number;
  readonly lines: number;
}

/** Callbacks that only hold a list of tests together: nobody reads them as one function. */
const TEST_GROUP = /^(?:describe|suite|context)\b.* callback$/;

/** Functions of more than `maxLines` lines. A function inside another counts in both. */
export function findLongFunctions(file: FileText, maxLines: number): readonly Finding[] {
  return listFunctions(file)
    .filter((span) => span.lines > maxLines && !TEST_GROUP.test(span.name))
    .map((span) => ({
      path: file.path,
      line: span.line,
      weight: span.lines,
      what: `${span.name}: ${String(span.lines)} lines`,
    }));
}

/** Every function of a file in the order of its first line; empty where the language has no blocks we know. */
export function listFunctions(file: FileText): readonly FunctionSpan[] {
  const language = languageNamed(file.language);
  if (language === undefined || language.blocks === 'none') return [];
  const { code } = maskCode(file.text, language);
  if (language.blocks === 'brace') return listBraceFunctions(code, language.name);
  return language.blocks === 'indent' ? listIndentFunctions(code) : listEndFunctions(code);
}

interface OpenBlock {
  readonly name: string | null;
  readonly start: number;
  /** Where the head goes on after a brace that stands inside one, as in `f({ a }: X): Y {`. */
  readonly headFrom: number | null;
}

/** A head longer than this is data, not a signature. */
const MAX_HEAD = 2000;

function listBraceFunctions(code: string, language: string): readonly FunctionSpan[] {
  const lineAt = createLineIndex(code);
  const open: OpenBlock[] = [];
  const spans: FunctionSpan[] = [];
  let headFrom = 0;
  for (const { index } of code.matchAll(/[{};]/g)) {
    const mark = code[index];
    const head = code.slice(headFrom, index);
    if (mark === '{') {
      open.push(openBlock(head, headFrom, language));
      headFrom = index + 1;
    } else if (mark === '}') {
      const block = open.pop();
      if (block?.name != null) spans.push(spanOf(block.name, lineAt(block.start), lineAt(index)));
      headFrom = block?.headFrom ?? index + 1;
    } else if (depthOf(head) <= 0) {
      headFrom = index + 1; // a `;` inside parentheses, as in `for (a; b; c)`, does not end a head
    }
  }
  return spans.sort((a, b) => a.line - b.line || b.lines - a.lines);
}

function openBlock(head: string, headFrom: number, language: string): OpenBlock {
  const isData = head.length > MAX_HEAD;
  const isType = !isData && /[<|&]\s*$|\)\s*:\s*$/.test(head);
  const name = isType || isData ? null : functionName(head, language);
  const goesOn = name === null && !isData && (isType || depthOf(head) > 0);
  const start = headFrom + (head.length - head.trimStart().length);
  return { name, start, headFrom: goesOn ? headFrom : null };
}

function spanOf(name: string, first: number, last: number): FunctionSpan {
  return { name, line: first, lines: last - first + 1 };
}

function depthOf(text: string): number {
  let depth = 0;
  for (const char of text) depth += char === '(' ? 1 : char === ')' ? -1 : 0;
  return depth;
}

const CONTROL =
  /^(?:\}?\s*else\s+)?(?:if|for|foreach|while|switch|catch|with|do|try|else|match|loop|select|synchronized|lock|using|unless|until|class|interface|struct|enum|impl|trait|namespace|module|object|return\s+new|new)\b/;

/** Languages in which `=>` before a brace makes a function; elsewhere it is a case of a match. */
const ARROWS = new Set(['typescript', 'javascript', 'csharp']);

/** The name of the function whose body begins after `head`; null where no function begins. */
function functionName(head: string, language: string): string | null {
  const text = head.trim().replace(/^(?:@[\w.]+(?:\([^)]*\))?\s+)+/, '');
  if (text === '' || /^(?:\[[^\]]*\]\s*)*$/.test(text)) return null;
  const keyword = /\b(?:function\s*\*?|func|fn|fun|def)\s+(?:\([^)]*\)\s*)?(?!use\b)([\w$.]+)/.exec(text);
  if (keyword?.[1] !== undefined) return keyword[1];
  if (/=>$/.test(text)) return ARROWS.has(language) ? arrowName(text) : null;
  if (/\b(?:function|func|fn)\s*\*?\s*\([^{]*$/.test(text)) return arrowName(text);
  if (
    CONTROL.test(text.replace(/^(?:export|default|public|private|protected|abstract|static|final)\s+/g, ''))
  ) {
    return null;
  }
  return methodName(text);
}

/** What may stand between the parameters and the body: a return type, a qualifier, an initialiser. */
const AFTER_PARAMETERS =
  /\)\s*(?::[^?;]*|->[^;]*|throws [\w\s,.]+|const|noexcept|override|final|where [^;]*)*\s*$/;

/** A method or a C-like function: words, a name, parameters, and nothing that a call would have. */
function methodName(head: string): string | null {
  const start = /^[\w\s$~#*&<>,.:[\]|?]*?([\w$~#]+)\s*(?:<[^()]*>)?\s*\(/.exec(head);
  const name = start?.[1];
  if (start === null || name === undefined || !AFTER_PARAMETERS.test(head)) return null;
  const before = start[0].slice(0, start[0].lastIndexOf(name));
  return /[.,]\s*$/.test(before) || /^(?:super|this)$/.test(name) || CONTROL.test(name) ? null : name;
}

function arrowName(head: string): string {
  const assigned = /([\w$]+)\s*(?::[^=]+)?=\s*(?:async\s*)?[^=]*$/.exec(head.replace(/=>/g, ''));
  const key = /([\w$]+)\s*:\s*(?:async\s*)?\(?[^:]*$/.exec(head);
  const call = /([\w$.]+)\s*\([^()]*(?:\([^()]*\))?[^()]*$/.exec(head);
  return assigned?.[1] ?? call?.[1]?.concat(' callback') ?? key?.[1] ?? 'anonymous';
}

function listIndentFunctions(code: string): readonly FunctionSpan[] {
  const lines = code.split('\n');
  return lines.flatMap((text, index) => {
    const start = /^(\s*)(?:async\s+)?def\s+(\w+)/.exec(text);
    if (start?.[2] === undefined) return [];
    const end = lastIndentedLine(lines, endOfSignature(lines, index), (start[1] ?? '').length);
    return [{ name: start[2], line: index + 1, lines: end - index + 1 }];
  });
}

/** A signature may run over lines whose indentation says nothing. */
function endOfSignature(lines: readonly string[], from: number): number {
  let depth = 0;
  for (let index = from; index < lines.length; index += 1) {
    depth += depthOf(lines[index] ?? '');
    if (depth <= 0) return index;
  }
  return from;
}

function lastIndentedLine(lines: readonly string[], from: number, indent: number): number {
  let last = from;
  for (let index = from + 1; index < lines.length; index += 1) {
    const text = lines[index] ?? '';
    if (text.trim() === '') continue;
    if (text.length - text.trimStart().length <= indent) break;
    last = index;
  }
  return last;
}

function listEndFunctions(code: string): readonly FunctionSpan[] {
  const lines = code.split('\n');
  return lines.flatMap((text, index) => {
    const start = /^(\s*)def\s+([\w.?!]+)/.exec(text);
    if (start?.[2] === undefined) return [];
    const end = lines.findIndex((line, at) => at > index && line.trimEnd() === `${start[1] ?? ''}end`);
    return end < 0 ? [] : [{ name: start[2], line: index + 1, lines: end - index + 1 }];
  });
}
