import { isForbiddenKey } from '../json/forbidden-key.js';
import { BANNED_FUNCTIONS } from './banned-functions.js';
import type { ExpressionProblem } from './expression-problem.js';
import { FUNCTIONS } from './functions.js';
import { nearestName } from './nearest-name.js';
import { childrenOf } from './syntax-tree.js';
import type { Node, NodeOf, Span } from './syntax-tree.js';
import { parseOffset } from './time.js';
import { TIME_FUNCTIONS } from './time-functions.js';

const METHODS_OF_THE_LANGUAGE: Readonly<Record<string, string>> = {
  has: 'has(a.b)',
  all: 'list.all(x, condition)',
  exists: 'list.exists(x, condition)',
  exists_one: 'list.exists_one(x, condition)',
  map: 'list.map(x, value) or list.map(x, condition, value)',
  filter: 'list.filter(x, condition)',
  or: 'a.?b.or(c.?d)',
  orValue: 'a.?b.orValue(default)',
  optMap: 'a.?b.optMap(x, value)',
  optFlatMap: 'a.?b.optFlatMap(x, c.?d)',
};

/** What is wrong with the calls and keys of a tree: unknown or banned functions, wrong arguments, forbidden keys. */
export function checkCalls(node: Node, problems: ExpressionProblem[]): void {
  checkNode(node, problems);
  for (const child of childrenOf(node)) checkCalls(child, problems);
}

function checkNode(node: Node, problems: ExpressionProblem[]): void {
  switch (node.type) {
    case 'call':
      checkCall(node, problems);
      break;
    case 'select':
    case 'has':
      checkKey(node.field, node, problems);
      break;
    case 'index':
      checkLiteralKey(node.index, problems);
      break;
    case 'map':
      for (const [key] of node.entries) checkLiteralKey(key, problems);
      break;
    default:
  }
}

function checkLiteralKey(key: Node, problems: ExpressionProblem[]): void {
  if (key.type === 'literal' && typeof key.value === 'string') checkKey(key.value, key, problems);
}

function checkKey(key: string, span: Span, problems: ExpressionProblem[]): void {
  if (isForbiddenKey(key)) problems.push(problemAt(span, `The key ${key} is not allowed`));
}

function checkCall(call: NodeOf<'call'>, problems: ExpressionProblem[]): void {
  const ban = BANNED_FUNCTIONS.get(call.name);
  if (ban !== undefined) {
    problems.push(problemAt(call, ban.message, ban.hint));
    return;
  }
  const facts = FUNCTIONS.get(call.name);
  if (facts === undefined) {
    problems.push(unknownFunction(call));
    return;
  }
  const arity = call.isMethod ? facts.methodArity : facts.functionArity;
  if (arity?.includes(call.args.length) !== true) {
    problems.push(problemAt(call, `${call.name}() is not called like this`, `Write ${facts.usage}`));
  }
  checkZone(call, problems);
}

function unknownFunction(call: NodeOf<'call'>): ExpressionProblem {
  const usage = Object.hasOwn(METHODS_OF_THE_LANGUAGE, call.name)
    ? METHODS_OF_THE_LANGUAGE[call.name]
    : undefined;
  if (usage !== undefined) return problemAt(call, `${call.name}() is not called like this`, `Write ${usage}`);
  const nearest = nearestName(call.name, [...FUNCTIONS.keys(), ...Object.keys(METHODS_OF_THE_LANGUAGE)]);
  const hint = nearest === undefined ? undefined : `Did you mean ${nearest}()?`;
  return problemAt(call, `Unknown function: ${call.name}()`, hint);
}

/** Named zones are refused: what they mean depends on the data of the host. */
function checkZone(call: NodeOf<'call'>, problems: ExpressionProblem[]): void {
  const zone = call.args[1];
  if (!Object.hasOwn(TIME_FUNCTIONS, call.name) || zone?.type !== 'literal') return;
  if (typeof zone.value === 'string' && parseOffset(zone.value) !== undefined) return;
  const message = 'Named time zones are not available: they depend on the host';
  problems.push(problemAt(zone, message, 'Write a fixed offset such as "+02:00", or "UTC"'));
}

function problemAt(span: Span, message: string, hint?: string): ExpressionProblem {
  const place = { message, offset: span.start, length: span.end - span.start };
  return hint === undefined ? place : { ...place, hint };
}
