/**
 * Regular expressions of JSON Schema, parsed by hand: the subset of ECMAScript that is regular. What a linear matcher
 * cannot do (lookaround, back references) is refused by name, as is Unicode property data, which differs by platform.
 */

/** Ranges of code points, both ends included; sorted by nothing. */
export interface CharacterSet {
  readonly ranges: readonly (readonly [low: number, high: number])[];
  readonly isNegated: boolean;
}

export type Assertion = 'start' | 'end' | 'word' | 'not-word';

export type PatternNode =
  | { readonly type: 'set'; readonly set: CharacterSet }
  | { readonly type: 'assert'; readonly at: Assertion }
  | { readonly type: 'sequence'; readonly items: readonly PatternNode[] }
  | { readonly type: 'choice'; readonly items: readonly PatternNode[] }
  | { readonly type: 'repeat'; readonly item: PatternNode; readonly min: number; readonly max: number };

/** Why a pattern is refused. */
export class PatternProblem extends Error {}

const MAX_PATTERN_CHARS = 1_000;
const MAX_NESTING = 50;
const MAX_CODE_POINT = 0x10ffff;
const MAX_REPEAT = 1_000;

/** @throws PatternProblem */
export function parsePattern(source: string): PatternNode {
  if (source.length > MAX_PATTERN_CHARS) {
    throw new PatternProblem(`the pattern has more than ${MAX_PATTERN_CHARS} characters`);
  }
  return new PatternParser(source).parse();
}

const DIGITS = [[0x30, 0x39]] as const;
const WORDS = [
  [0x30, 0x39],
  [0x41, 0x5a],
  [0x5f, 0x5f],
  [0x61, 0x7a],
] as const;
const SPACES = [
  [0x09, 0x0d],
  [0x20, 0x20],
  [0xa0, 0xa0],
  [0x1680, 0x1680],
  [0x2000, 0x200a],
  [0x2028, 0x2029],
  [0x202f, 0x202f],
  [0x205f, 0x205f],
  [0x3000, 0x3000],
  [0xfeff, 0xfeff],
] as const;

const CLASSES: Readonly<Record<string, CharacterSet['ranges']>> = { d: DIGITS, w: WORDS, s: SPACES };
const CONTROLS: Readonly<Record<string, number>> = { t: 9, n: 10, v: 11, f: 12, r: 13, '0': 0 };
const LINE_ENDS: CharacterSet = {
  ranges: [
    [10, 10],
    [13, 13],
    [0x2028, 0x2029],
  ],
  isNegated: true,
};

class PatternParser {
  readonly #chars: readonly string[];
  #index = 0;
  #nesting = 0;

  constructor(source: string) {
    this.#chars = Array.from(source);
  }

  parse(): PatternNode {
    const node = this.#choice();
    if (this.#index < this.#chars.length) throw new PatternProblem('a `)` closes nothing');
    return node;
  }

  #peek(): string | undefined {
    return this.#chars[this.#index];
  }

  #take(): string {
    const char = this.#chars[this.#index];
    if (char === undefined) throw new PatternProblem('the pattern ends too early');
    this.#index += 1;
    return char;
  }

  #accept(text: string): boolean {
    const isThere = Array.from(text).every((char, index) => this.#chars[this.#index + index] === char);
    if (isThere) this.#index += text.length;
    return isThere;
  }

  #choice(): PatternNode {
    const items = [this.#sequence()];
    while (this.#accept('|')) items.push(this.#sequence());
    return items.length === 1 && items[0] ? items[0] : { type: 'choice', items };
  }

  #sequence(): PatternNode {
    const items: PatternNode[] = [];
    for (let char = this.#peek(); char !== undefined && char !== '|' && char !== ')'; char = this.#peek()) {
      items.push(this.#repeat(this.#atom()));
    }
    return { type: 'sequence', items };
  }

  #atom(): PatternNode {
    const char = this.#take();
    switch (char) {
      case '(':
        return this.#group();
      case '[':
        return { type: 'set', set: this.#class() };
      case '.':
        return { type: 'set', set: LINE_ENDS };
      case '^':
        return { type: 'assert', at: 'start' };
      case '$':
        return { type: 'assert', at: 'end' };
      case '\\':
        return this.#escape();
      case '*':
      case '+':
      case '?':
        throw new PatternProblem(`\`${char}\` repeats nothing`);
      case '{':
        throw new PatternProblem('a `{` is written `\\{`');
      default:
        return single(char);
    }
  }

  #group(): PatternNode {
    this.#nesting += 1;
    if (this.#nesting > MAX_NESTING) throw new PatternProblem('groups are nested too deep');
    if (this.#accept('?')) this.#groupKind();
    const node = this.#choice();
    if (!this.#accept(')')) throw new PatternProblem('a `(` is never closed');
    this.#nesting -= 1;
    return node;
  }

  #groupKind(): void {
    if (this.#accept(':')) return;
    const isName = this.#accept('<') && /[A-Za-z_$]/.test(this.#peek() ?? '');
    if (!isName) throw new PatternProblem('lookaround and flags are not supported');
    while (this.#take() !== '>');
  }

  #repeat(item: PatternNode): PatternNode {
    const bounds = this.#bounds();
    if (!bounds) return item;
    if (item.type === 'assert') throw new PatternProblem('an anchor cannot be repeated');
    // Lazy or greedy: whether there is a match is the same.
    this.#accept('?');
    return { type: 'repeat', item, ...bounds };
  }

  #bounds(): { readonly min: number; readonly max: number } | undefined {
    if (this.#accept('*')) return { min: 0, max: Infinity };
    if (this.#accept('+')) return { min: 1, max: Infinity };
    if (this.#accept('?')) return { min: 0, max: 1 };
    const rest = this.#chars.slice(this.#index, this.#index + 16).join('');
    const match = /^\{(\d+)(,(\d*))?\}/.exec(rest);
    if (!match) {
      if (this.#peek() === '{') throw new PatternProblem('a `{` is written `\\{`');
      return undefined;
    }
    this.#index += match[0].length;
    const min = Number(match[1]);
    const max = match[2] === undefined ? min : match[3] ? Number(match[3]) : Infinity;
    if (min > max) throw new PatternProblem(`\`${match[0]}\` is out of order`);
    if (Math.max(min, Number.isFinite(max) ? max : 0) > MAX_REPEAT) {
      throw new PatternProblem(`\`${match[0]}\` repeats more than ${MAX_REPEAT} times`);
    }
    return { min, max };
  }

  #escape(): PatternNode {
    if (this.#accept('b')) return { type: 'assert', at: 'word' };
    if (this.#accept('B')) return { type: 'assert', at: 'not-word' };
    return { type: 'set', set: this.#escapedSet() };
  }

  /** Behind a backslash: a class or one character. */
  #escapedSet(): CharacterSet {
    const char = this.#take();
    const ranges = CLASSES[char.toLowerCase()];
    if (ranges && /[dwsDWS]/.test(char)) return { ranges, isNegated: char !== char.toLowerCase() };
    if (/[pP]/.test(char)) throw new PatternProblem('`\\p` is not supported; write ranges such as [一-鿿]');
    if (/[1-9k]/.test(char)) throw new PatternProblem('back references are not supported');
    const code = char === 'u' || char === 'x' ? this.#hex(char) : (CONTROLS[char] ?? codeOf(char));
    if (CONTROLS[char] === undefined && /[A-Za-z]/.test(char) && char !== 'u' && char !== 'x') {
      throw new PatternProblem(`\`\\${char}\` is not supported`);
    }
    return { ranges: [[code, code]], isNegated: false };
  }

  #hex(kind: 'u' | 'x'): number {
    const rest = this.#chars.slice(this.#index, this.#index + 8).join('');
    const match = (kind === 'x' ? /^([0-9a-f]{2})/i : /^(?:([0-9a-f]{4})|\{([0-9a-f]{1,6})\})/i).exec(rest);
    const code = match ? parseInt(match[1] ?? match[2] ?? '', 16) : NaN;
    if (!match || code > MAX_CODE_POINT) throw new PatternProblem(`\`\\${kind}\` needs hexadecimal digits`);
    this.#index += match[0].length;
    return code;
  }

  #class(): CharacterSet {
    const isNegated = this.#accept('^');
    const ranges: (readonly [number, number])[] = [];
    while (!this.#accept(']')) {
      const low = this.#member();
      const isRange = this.#peek() === '-' && this.#chars[this.#index + 1] !== ']';
      if (isRange && this.#accept('-')) ranges.push(rangeOf(low, this.#member()));
      else ranges.push(...(low.isNegated ? complement(low.ranges) : low.ranges));
    }
    return { ranges, isNegated };
  }

  #member(): CharacterSet {
    const char = this.#take();
    if (char !== '\\') return { ranges: [[codeOf(char), codeOf(char)]], isNegated: false };
    if (this.#accept('b')) return { ranges: [[8, 8]], isNegated: false };
    if (this.#accept('-')) return { ranges: [[0x2d, 0x2d]], isNegated: false };
    return this.#escapedSet();
  }
}

function single(char: string): PatternNode {
  return { type: 'set', set: { ranges: [[codeOf(char), codeOf(char)]], isNegated: false } };
}

function codeOf(char: string): number {
  return char.codePointAt(0) ?? 0;
}

function rangeOf(low: CharacterSet, high: CharacterSet): readonly [number, number] {
  const [[from, end] = [0, 1]] = low.ranges;
  const [[start, to] = [0, 1]] = high.ranges;
  const isSingle = from === end && start === to && !low.isNegated && !high.isNegated;
  if (!isSingle || from > to) throw new PatternProblem('a range in brackets is out of order');
  return [from, to];
}

/** The code points between sorted ranges. */
function complement(ranges: CharacterSet['ranges']): CharacterSet['ranges'] {
  const gaps: (readonly [number, number])[] = [];
  let from = 0;
  for (const [low, high] of ranges) {
    if (low > from) gaps.push([from, low - 1]);
    from = high + 1;
  }
  return from > MAX_CODE_POINT ? gaps : [...gaps, [from, MAX_CODE_POINT]];
}
