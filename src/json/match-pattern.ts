/**
 * Matching by Thompson's construction: all states at once, character by character, so the time is at most the length
 * of the text times the size of the pattern, whatever either holds. Every state looked at is counted.
 */
import {
  parsePattern,
  PatternProblem,
  type Assertion,
  type CharacterSet,
  type PatternNode,
} from './parse-pattern.js';

type Instruction =
  | { readonly type: 'set'; readonly set: CharacterSet }
  | { readonly type: 'assert'; readonly at: Assertion }
  /** Goes on at both; the offsets are absolute. */
  | { readonly type: 'split'; readonly left: number; readonly right: number }
  | { readonly type: 'match' };

/** A compiled pattern. */
export interface Pattern {
  readonly instructions: readonly Instruction[];
}

const MAX_INSTRUCTIONS = 3_000;

/** @throws PatternProblem where a pattern does not parse, is not supported, or is too large. */
export function compilePattern(source: string): Pattern {
  const instructions: Instruction[] = [];
  emit(parsePattern(source), instructions);
  instructions.push({ type: 'match' });
  return { instructions };
}

function push(program: Instruction[], instruction: Instruction): number {
  if (program.length >= MAX_INSTRUCTIONS)
    throw new PatternProblem('the pattern is too large with its repetitions');
  return program.push(instruction) - 1;
}

function emit(node: PatternNode, program: Instruction[]): void {
  switch (node.type) {
    case 'set':
    case 'assert':
      push(program, node);
      break;
    case 'sequence':
      for (const item of node.items) emit(item, program);
      break;
    case 'choice':
      emitChoice(node.items, program);
      break;
    case 'repeat':
      emitRepeat(node, program);
      break;
  }
}

function emitChoice(items: readonly PatternNode[], program: Instruction[]): void {
  const ends: number[] = [];
  items.forEach((item, index) => {
    if (index === items.length - 1) {
      emit(item, program);
      return;
    }
    const split = push(program, { type: 'split', left: 0, right: 0 });
    emit(item, program);
    ends.push(push(program, { type: 'split', left: 0, right: 0 }));
    program[split] = { type: 'split', left: split + 1, right: program.length };
  });
  for (const end of ends) program[end] = { type: 'split', left: program.length, right: program.length };
}

function emitRepeat(node: PatternNode & { readonly type: 'repeat' }, program: Instruction[]): void {
  for (let count = 0; count < node.min; count++) emit(node.item, program);
  if (node.max === Infinity) {
    const loop = push(program, { type: 'split', left: 0, right: 0 });
    emit(node.item, program);
    push(program, { type: 'split', left: loop, right: loop });
    program[loop] = { type: 'split', left: loop + 1, right: program.length };
    return;
  }
  for (let count = node.min; count < node.max; count++) {
    const split = push(program, { type: 'split', left: 0, right: 0 });
    emit(node.item, program);
    program[split] = { type: 'split', left: split + 1, right: program.length };
  }
}

/** Whether a pattern matches anywhere in a text. `spend` is told of every state looked at, and may throw. */
export function matchPattern(pattern: Pattern, text: string, spend: (steps: number) => void): boolean {
  return new Matcher(pattern.instructions, spend).matches(text);
}

class Matcher {
  readonly #program: readonly Instruction[];
  readonly #spend: (steps: number) => void;
  /** At which position each state was added last. */
  readonly #addedAt: Int32Array;
  #states: number[] = [];
  #isMatch = false;

  constructor(program: readonly Instruction[], spend: (steps: number) => void) {
    this.#program = program;
    this.#spend = spend;
    this.#addedAt = new Int32Array(program.length).fill(-1);
  }

  matches(text: string): boolean {
    let before = -1;
    let position = 0;
    this.#add([0], 0, { before, after: codeAt(text, 0) });
    while (!this.#isMatch && position < text.length) {
      const code = codeAt(text, position);
      position += code > 0xffff ? 2 : 1;
      const next = this.#states.filter((state) => this.#accepts(state, code)).map((state) => state + 1);
      before = code;
      this.#states = [];
      // A match may begin anywhere.
      this.#add([...next, 0], position, { before, after: codeAt(text, position) });
    }
    return this.#isMatch;
  }

  #accepts(state: number, code: number): boolean {
    const instruction = this.#program[state];
    return instruction?.type === 'set' && isIn(instruction.set, code);
  }

  /** Adds states and all that follow without a character. */
  #add(states: readonly number[], position: number, around: Around): void {
    const pending = [...states].reverse();
    let steps = states.length;
    for (let state = pending.pop(); state !== undefined; state = pending.pop()) {
      const instruction = this.#program[state];
      if (!instruction || this.#addedAt[state] === position) continue;
      this.#addedAt[state] = position;
      steps += 1;
      if (instruction.type === 'set') this.#states.push(state);
      else if (instruction.type === 'split') pending.push(instruction.right, instruction.left);
      else if (instruction.type === 'match') this.#isMatch = true;
      else if (holds(instruction.at, around)) pending.push(state + 1);
    }
    this.#spend(steps);
  }
}

interface Around {
  /** Code points beside the position; -1 for the ends of the text. */
  readonly before: number;
  readonly after: number;
}

function codeAt(text: string, position: number): number {
  return text.codePointAt(position) ?? -1;
}

function isIn({ ranges, isNegated }: CharacterSet, code: number): boolean {
  return ranges.some(([low, high]) => code >= low && code <= high) !== isNegated;
}

function holds(assertion: Assertion, { before, after }: Around): boolean {
  if (assertion === 'start') return before === -1;
  if (assertion === 'end') return after === -1;
  return (isWord(before) !== isWord(after)) === (assertion === 'word');
}

function isWord(code: number): boolean {
  return code >= 0 && code < 128 && /\w/.test(String.fromCharCode(code));
}
