import { celFunc, CelScalar, isCelError, isCelList, isCelMap, isCelType, run } from '@bufbuild/cel';
import type { CelFunc, CelInput } from '@bufbuild/cel';
import type { Json } from '../../src/json/json.js';

type Compute = (left: number, right: number) => number;

const ARITHMETIC: Readonly<Record<string, Compute>> = {
  '_+_': (left, right) => left + right,
  '_-_': (left, right) => left - right,
  '_*_': (left, right) => left * right,
  '_/_': (left, right) => left / right,
  '_%_': (left, right) => {
    if (right === 0 || !Number.isInteger(left) || !Number.isInteger(right)) throw new Error('no remainder');
    return left % right;
  },
};

/** ChatFlow's two additions to CEL's arithmetic: ints mix with doubles, and whole doubles have a remainder. */
const MIXED: readonly CelFunc[] = Object.entries(ARITHMETIC).flatMap(([name, compute]) => {
  const { INT, DOUBLE } = CelScalar;
  const both = (left: bigint | number, right: bigint | number): number =>
    compute(Number(left), Number(right));
  const mixed = [celFunc(name, [INT, DOUBLE], DOUBLE, both), celFunc(name, [DOUBLE, INT], DOUBLE, both)];
  return name === '_%_' ? [...mixed, celFunc(name, [DOUBLE, DOUBLE], DOUBLE, both)] : mixed;
});

/** CEL's reference implementation, in Go, writes infinities and -0 like this; the oracle as JavaScript does. */
const FORMAT = celFunc('string', [CelScalar.DOUBLE], CelScalar.STRING, (value) => {
  if (Object.is(value, -0)) return '-0';
  if (Number.isFinite(value) || Number.isNaN(value)) return String(value);
  return value > 0 ? '+Inf' : '-Inf';
});

/** What the other CEL engine makes of an expression, as `describeValue` would write it; `failure` for any error. */
export function evaluateByOracle(source: string, variables: Json): string {
  const result = run(source, { variables: variables as CelInput }, { funcs: [...MIXED, FORMAT] });
  return isCelError(result) ? 'failure' : describe(result);
}

function describe(value: unknown): string {
  if (typeof value === 'bigint') return `int ${value}`;
  if (typeof value === 'number') return `double ${Object.is(value, -0) ? '-0' : value}`;
  if (isCelList(value)) return `[${[...value].map(describe).join(', ')}]`;
  if (isCelMap(value)) {
    const entries = [...value].map(([key, item]) => `${describe(key)}: ${describe(item)}`);
    return `{${entries.sort().join(', ')}}`;
  }
  return isCelType(value) ? `type ${value.name}` : JSON.stringify(value);
}
