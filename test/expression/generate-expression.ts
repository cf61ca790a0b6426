import fc from 'fast-check';
import type { JsonObject } from '../../src/json/json.js';

/** One expression in ChatFlow's language and the same in plain CEL, which has no optionals. */
export interface Pair {
  readonly ours: string;
  readonly plain: string;
}

type Arb = fc.Arbitrary<Pair>;
type Kind = 'number' | 'bool' | 'text' | 'numbers' | 'texts' | 'rows' | 'any';
type Kinds = { readonly [K in Kind]: Arb };

/** Data of one shape, so that generated paths mostly find something, with all kinds of numbers and strings in it. */
export function dataArbitrary(): fc.Arbitrary<JsonObject> {
  const number = fc.oneof(
    fc.integer({ min: -5, max: 5 }),
    fc.constantFrom(0.5, -1.5, 1e10, 3),
    fc.double(finite),
  );
  const text = fc.oneof(fc.constantFrom('', 'a', 'ab', 'é', '😀', 'z\u{ffff}'), fc.string({ maxLength: 5 }));
  const row = fc.record({ n: number, s: text }, { requiredKeys: ['n'] });
  const data = fc.record({
    i: fc.integer({ min: -3, max: 9 }),
    n: number,
    s: text,
    b: fc.boolean(),
    none: fc.constant(null),
    numbers: fc.array(number, { maxLength: 5 }),
    texts: fc.array(text, { maxLength: 5 }),
    rows: fc.array(row, { maxLength: 4 }),
    m: fc.dictionary(fc.constantFrom('k', 'l', 'x y'), number, { maxKeys: 3 }),
  });
  // Plain objects without -0, as data from outside is.
  return data.map((value) => JSON.parse(JSON.stringify(value)) as JsonObject);
}

const finite = { noNaN: true, noDefaultInfinity: true, min: -1e6, max: 1e6 };

/** Expressions of every kind, mostly well typed; about one in ten leaves mixes types that do not go together. */
export function expressionArbitrary(): Arb {
  return kinds().any;
}

function kinds(): Kinds {
  return fc.letrec<{ [K in Kind]: Pair }>((tie) => {
    const of = (kind: Kind): Arb => tie(kind);
    return {
      number: mostly(numberArbs(of), of),
      bool: mostly(boolArbs(of), of),
      text: mostly(textArbs(of), of),
      numbers: mostly(numbersArbs(of), of),
      texts: mostly(textsArbs(of), of),
      // No strays: the engines differ on has() of what is no map, where the specification wants an error.
      rows: fc.oneof({ maxDepth: 3 }, ...rowsArbs(of).leaves, ...rowsArbs(of).nodes),
      any: anyOf(
        [],
        ['number', 'bool', 'text', 'numbers', 'texts'].map((kind) => of(kind as Kind)),
      ),
    };
  });
}

interface Arbs {
  readonly leaves: readonly Arb[];
  readonly nodes: readonly Arb[];
}

function mostly({ leaves, nodes }: Arbs, of: (kind: Kind) => Arb): Arb {
  return anyOf(leaves, [...nodes, ...nodes, conditional(of, leaves[0] ?? constant('1'))]);
}

function anyOf(leaves: readonly Arb[], nodes: readonly Arb[]): Arb {
  const stray = constant('null', 'variables.none', 'variables.m', '"1"', '[1]');
  const options = { maxDepth: 4, depthSize: 'small', withCrossShrink: true } as const;
  if (leaves.length === 0) return fc.oneof(...nodes);
  const weighted = leaves.map((arbitrary) => ({ arbitrary, weight: 6 }));
  return fc.oneof(
    options,
    ...weighted,
    { arbitrary: stray, weight: 1 },
    ...nodes.map((arbitrary) => ({ arbitrary, weight: 4 })),
  );
}

function constant(...sources: readonly string[]): Arb {
  return fc.constantFrom(...sources).map((source) => ({ ours: source, plain: source }));
}

/** A template in which `$0`, `$1`… stand for the given parts. */
function compose(template: string, ...parts: readonly Arb[]): Arb {
  return composeBoth(template, template, ...parts);
}

function composeBoth(ours: string, plain: string, ...parts: readonly Arb[]): Arb {
  return fc.tuple(...parts).map((made) => ({
    ours: ours.replace(/\$(\d)/g, (_, index: string) => made[Number(index)]?.ours ?? ''),
    plain: plain.replace(/\$(\d)/g, (_, index: string) => made[Number(index)]?.plain ?? ''),
  }));
}

function conditional(of: (kind: Kind) => Arb, leaf: Arb): Arb {
  return compose('($0 ? $1 : $2)', of('bool'), leaf, leaf);
}

function operators(names: readonly string[], left: Arb, right: Arb): readonly Arb[] {
  return names.map((name) => compose(`($0 ${name} $1)`, left, right));
}

function numberArbs(of: (kind: Kind) => Arb): Arbs {
  return {
    leaves: [
      constant('0', '1', '2', '7', '-3', '1.5', '2.0', '0.25', '4611686018427387904'),
      constant('variables.n', 'variables.i', 'variables.m.k', 'variables["m"]["x y"]', 'variables.gone'),
      composeBoth(
        'variables.m.?l.orValue($0)',
        '(has(variables.m.l) ? variables.m.l : $0)',
        constant('0', '1.5'),
      ),
    ],
    nodes: [
      ...operators(['+', '-', '*', '/', '%'], of('number'), of('number')),
      compose('-($0)', of('number')),
      compose('size($0)', of('text')),
      compose('$0.size()', of('numbers')),
      compose('size($0)', of('rows')),
      compose('int($0)', of('number')),
      compose('double($0)', of('number')),
      compose('$0[$1]', of('numbers'), constant('0', '1', '5', 'variables.i', '1.0')),
      compose('int($0)', constant('"12"', '"-7"', '"x"', '"1.5"')),
    ],
  };
}

function boolArbs(of: (kind: Kind) => Arb): Arbs {
  const comparisons = ['==', '!=', '<', '<=', '>', '>='];
  return {
    leaves: [
      constant(
        'true',
        'false',
        'variables.b',
        'has(variables.m.k)',
        'has(variables.gone)',
        'has(variables.gone.k)',
      ),
      constant('variables.none == null', '("k" in variables.m)', 'type(variables.n) == double'),
    ],
    nodes: [
      ...operators(['&&', '||', '==', '!='], of('bool'), of('bool')),
      compose('!($0)', of('bool')),
      ...operators(comparisons, of('number'), of('number')),
      ...operators(comparisons, of('text'), of('text')),
      ...operators(['==', '!='], of('any'), of('any')),
      ...operators(['in'], of('number'), of('numbers')),
      ...operators(['in'], of('text'), of('texts')),
      ...['startsWith', 'endsWith', 'contains'].map((name) =>
        compose(`$0.${name}($1)`, of('text'), of('text')),
      ),
      ...['all', 'exists', 'exists_one'].flatMap((name) => [
        compose(`$0.${name}(e, e $1 $2)`, of('numbers'), constant('>', '==', '<='), of('number')),
        compose(`$0.${name}(t, size(t) > $1)`, of('texts'), constant('0', '1', 'variables.i')),
        compose(`$0.${name}(r, has(r.s) && r.n > $1)`, of('rows'), of('number')),
        compose(`$0.${name}(r, r.s == $1)`, of('rows'), of('text')),
      ]),
      compose('variables.m.all(k, variables.m[k] > $0)', of('number')),
      composeBoth('optional.of($0).hasValue()', '[$0].exists(x, true)', of('number')),
    ],
  };
}

function textArbs(of: (kind: Kind) => Arb): Arbs {
  return {
    leaves: [
      constant(
        '""',
        '"a"',
        "'é'",
        '"""b"""',
        'r"\\d"',
        '"\\n😀"',
        'variables.s',
        'variables.s',
        'variables.texts[0]',
      ),
      composeBoth(
        'variables.rows[?0].?s.orValue($0)',
        '(size(variables.rows) > 0 ? (has(variables.rows[0].s) ? variables.rows[0].s : $0) : $0)',
        constant('"none"', 'variables.s'),
      ),
    ],
    nodes: [
      compose('($0 + $1)', of('text'), of('text')),
      compose('string($0)', of('number')),
      compose('string($0)', of('bool')),
      compose('$0[$1]', of('texts'), constant('0', '1', 'variables.i')),
    ],
  };
}

function numbersArbs(of: (kind: Kind) => Arb): Arbs {
  return {
    leaves: [constant('variables.numbers', '[]', '[1, 2.0, 3]', '[[1, 2][1]]')],
    nodes: [
      compose('[$0, $1]', of('number'), of('number')),
      compose('($0 + $1)', of('numbers'), of('numbers')),
      compose('$0.map(e, e * $1)', of('numbers'), of('number')),
      compose('$0.map(e, e > 0, e + $1)', of('numbers'), of('number')),
      compose('$0.filter(e, e >= $1)', of('numbers'), of('number')),
      compose('$0.map(t, size(t))', of('texts')),
      compose('$0.map(e, $1.filter(f, f < e).size())', of('numbers'), of('numbers')),
    ],
  };
}

function textsArbs(of: (kind: Kind) => Arb): Arbs {
  return {
    leaves: [constant('variables.texts', '["a", "b"]', 'variables.rows.map(r, has(r.s) ? r.s : "")')],
    nodes: [
      compose('[$0, $1]', of('text'), of('text')),
      compose('($0 + $1)', of('texts'), of('texts')),
      compose('$0.filter(t, t != $1)', of('texts'), of('text')),
      compose('$0.map(t, t + $1)', of('texts'), of('text')),
      compose('$0.map(r, r.s)', of('rows')),
      compose('variables.m.map(k, k)'),
      compose('{"a": $0, $1: $2}.map(k, k)', of('number'), of('text'), of('bool')),
    ],
  };
}

function rowsArbs(of: (kind: Kind) => Arb): Arbs {
  return {
    leaves: [constant('variables.rows', '[{"n": 1}, {"n": 2.5, "s": "x"}]')],
    nodes: [
      compose('$0.filter(r, r.n > $1)', of('rows'), of('number')),
      compose('[{"n": $0}]', of('number')),
    ],
  };
}
