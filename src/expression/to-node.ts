import type { ASTNode, BinaryOperator as LibraryOperator } from '@marcbachmann/cel-js';
import type { ExpressionProblem } from './expression-problem.js';
import { isInParentheses } from './scan-source.js';
import type { BinaryOperator, Literal, MacroName, Node, NodeOf, Span } from './syntax-tree.js';

const MACROS: ReadonlySet<string> = new Set<MacroName>(['all', 'exists', 'exists_one', 'map', 'filter']);
const MAX_INT = 2n ** 63n - 1n;

type Problems = ExpressionProblem[];
type Call = Extract<ASTNode, { op: 'call' | 'rcall' }>;

/** Turns the library's tree into ours; what has no place in it becomes a problem and a null. */
export function toNode(ast: ASTNode, problems: Problems): Node {
  const span = { start: ast.start, end: ast.end };
  const convert = (child: ASTNode): Node => toNode(child, problems);
  switch (ast.op) {
    case 'value':
      return toLiteral(ast.args, span, problems);
    case 'id':
      return { type: 'name', name: ast.args, ...span };
    case '.':
    case '.?':
      return toSelect(ast, span, problems);
    case '[]':
    case '[?]': {
      const [operand, index] = ast.args;
      const optional = ast.op === '[?]';
      return { type: 'index', operand: convert(operand), index: convert(index), optional, ...span };
    }
    case 'call':
    case 'rcall':
      return toCall(ast, span, problems);
    case 'list':
      return { type: 'list', items: ast.args.map(convert), ...span };
    case 'map':
      return { type: 'map', entries: ast.args.map(([k, v]) => [convert(k), convert(v)] as const), ...span };
    case '?:': {
      const [condition, then, otherwise] = ast.args.map(convert) as [Node, Node, Node];
      return { type: 'conditional', condition, then, otherwise, ...span };
    }
    case '||':
    case '&&': {
      const [left, right] = ast.args;
      return { type: 'logic', operator: ast.op, left: convert(left), right: convert(right), ...span };
    }
    case '!_':
      return { type: 'not', operand: convert(ast.args), ...span };
    case '-_':
      return toNegation(ast.args, span, problems);
    default:
      return toBinary(ast, span, problems);
  }
}

function toBinary(ast: Extract<ASTNode, { op: LibraryOperator }>, span: Span, problems: Problems): Node {
  const operator: BinaryOperator = ast.op;
  const [left, right] = ast.args;
  if (isEquality(operator) && isRelation(right.op) && !isInParentheses(ast.input, left.end, right.end)) {
    problems.push(mixedComparison(operator, right));
  }
  return { type: 'binary', operator, left: toNode(left, problems), right: toNode(right, problems), ...span };
}

function isEquality(operator: string): boolean {
  return operator === '==' || operator === '!=';
}

function isRelation(operator: string): boolean {
  return ['<', '<=', '>', '>=', 'in'].includes(operator);
}

/** The library lets `==` bind weaker than `<` and `in`; in CEL both bind alike, from the left. So neither is taken. */
function mixedComparison(operator: string, right: ASTNode): ExpressionProblem {
  return {
    message: `${operator} beside ${right.op} needs parentheses`,
    offset: right.start,
    length: right.end - right.start,
    hint: `Write a ${operator} (b ${right.op} c) or (a ${operator} b) ${right.op} c`,
  };
}

function toSelect(ast: Extract<ASTNode, { op: '.' | '.?' }>, span: Span, problems: Problems): Node {
  const [operand, field] = ast.args;
  return { type: 'select', operand: toNode(operand, problems), field, optional: ast.op === '.?', ...span };
}

function toLiteral(value: unknown, span: Span, problems: Problems): NodeOf<'literal'> {
  if (isLiteral(value)) {
    if (typeof value === 'bigint' && value > MAX_INT) problems.push(tooLarge(span));
    return { type: 'literal', value, ...span };
  }
  const isBytes = value instanceof Uint8Array;
  problems.push({
    message: isBytes ? 'Bytes are not supported' : 'Unsigned integers are not supported',
    offset: span.start,
    length: span.end - span.start,
    hint: isBytes ? 'JSON has no bytes: write a string' : 'JSON has one kind of number: leave out the u',
  });
  return { type: 'literal', value: null, ...span };
}

function isLiteral(value: unknown): value is Literal {
  return value === null || ['boolean', 'number', 'bigint', 'string'].includes(typeof value);
}

/** A minus before a number belongs to it: the smallest int has no positive counterpart. */
function toNegation(operand: ASTNode, span: Span, problems: Problems): Node {
  const value: unknown = operand.op === 'value' ? operand.args : undefined;
  if (typeof value === 'number') return { type: 'literal', value: -value, ...span };
  if (typeof value !== 'bigint') return { type: 'negate', operand: toNode(operand, problems), ...span };
  if (value > MAX_INT + 1n) problems.push(tooLarge(span));
  return { type: 'literal', value: -value, ...span };
}

function tooLarge(span: Span): ExpressionProblem {
  return {
    message: 'The number does not fit into 64 bits',
    offset: span.start,
    length: span.end - span.start,
  };
}

function toCall(ast: Call, span: Span, problems: Problems): Node {
  if (ast.op === 'rcall') return toMethod(ast, span, problems);
  const [name, args] = ast.args;
  if (name === 'has' && args.length === 1 && args[0] !== undefined) return toHas(args[0], span, problems);
  return { type: 'call', name, isMethod: false, args: args.map((arg) => toNode(arg, problems)), ...span };
}

function toHas(argument: ASTNode, span: Span, problems: Problems): Node {
  if (argument.op === '.') {
    const [operand, field] = argument.args;
    return { type: 'has', operand: toNode(operand, problems), field, ...span };
  }
  problems.push({
    message: 'has() takes a field, as in has(a.b)',
    offset: argument.start,
    length: argument.end - argument.start,
    hint: 'For a key that is no plain name write "key" in map',
  });
  return { type: 'literal', value: null, ...span };
}

interface MethodCall {
  readonly name: string;
  readonly operand: Node;
  readonly first: ASTNode;
  readonly rest: readonly Node[];
  readonly span: Span;
}

function toMethod(ast: Extract<ASTNode, { op: 'rcall' }>, span: Span, problems: Problems): Node {
  const [name, receiver, args] = ast.args;
  if (receiver.op === 'id' && receiver.args === 'optional') {
    const converted = args.map((arg) => toNode(arg, problems));
    return { type: 'call', name: `optional.${name}`, isMethod: false, args: converted, ...span };
  }
  const operand = toNode(receiver, problems);
  const [first, ...others] = args;
  const rest = others.map((arg) => toNode(arg, problems));
  if (first === undefined) return { type: 'call', name, isMethod: true, args: [operand], ...span };
  const call: MethodCall = { name, operand, first, rest, span };
  const special = toFallback(call, problems) ?? toOptionalMap(call) ?? toMacro(call);
  if (special !== undefined) return special;
  return { type: 'call', name, isMethod: true, args: [operand, toNode(first, problems), ...rest], ...span };
}

function toFallback({ name, operand, first, rest, span }: MethodCall, problems: Problems): Node | undefined {
  if (rest.length > 0 || (name !== 'or' && name !== 'orValue')) return undefined;
  return {
    type: 'fallback',
    operand,
    fallback: toNode(first, problems),
    unwraps: name === 'orValue',
    ...span,
  };
}

function toOptionalMap({ name, operand, first, rest, span }: MethodCall): Node | undefined {
  const [body] = rest;
  if (first.op !== 'id' || rest.length !== 1 || body === undefined) return undefined;
  if (name !== 'optMap' && name !== 'optFlatMap') return undefined;
  return { type: 'optional_map', operand, variable: first.args, body, wraps: name === 'optMap', ...span };
}

function toMacro({ name, operand: range, first, rest, span }: MethodCall): Node | undefined {
  const [second, third] = rest;
  if (first.op !== 'id' || !isMacro(name) || second === undefined || rest.length > 2) return undefined;
  const shared = { type: 'macro', macro: name, range, variable: first.args, ...span } as const;
  if (third === undefined) return { ...shared, body: second };
  return name === 'map' ? { ...shared, filter: second, body: third } : undefined;
}

function isMacro(name: string): name is MacroName {
  return MACROS.has(name);
}
