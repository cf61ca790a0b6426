import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { evaluateValue } from '../../src/expression/evaluate-expression.js';
import { ExpressionBudget, ExpressionFailure } from '../../src/expression/index.js';
import { Fault } from '../../src/expression/value.js';
import { coreVectors, describeValue } from './conformance-vectors.js';
import type { Vector } from './conformance-vectors.js';

/** The vectors that ChatFlow does not meet, by the reason why. */
const gaps = JSON.parse(
  readFileSync(new URL('./conformance-gaps.json', import.meta.url), 'utf8'),
) as Readonly<Record<string, readonly string[]>>;

function isMet({ expr, bindings, expected }: Vector): boolean {
  const scope = Object.fromEntries(Object.entries(bindings).map(([name, value]) => [name, () => value]));
  const result = evaluate(expr, scope);
  if (expected === undefined) return result === undefined;
  return result !== undefined && result === describeValue(expected);
}

function evaluate(expr: string, scope: Record<string, () => unknown>): string | undefined {
  try {
    const value = evaluateValue(expr, scope, new ExpressionBudget());
    return value instanceof Fault ? undefined : describeValue(value);
  } catch (error) {
    if (error instanceof ExpressionFailure) return undefined;
    throw error;
  }
}

describe('the conformance vectors of the CEL specification', () => {
  const vectors = coreVectors();

  it('are met but for the gaps listed by name, and every gap listed is one', () => {
    const failing = vectors.filter((vector) => !isMet(vector)).map((vector) => vector.name);
    expect(failing.sort()).toEqual(Object.values(gaps).flat().sort());
  });

  it('are all there', () => {
    expect(vectors.length).toBeGreaterThan(1_100);
  });
});
