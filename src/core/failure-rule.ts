import type { FailureRule } from '../definition/definition.js';

/** Whether an error type fits one of the patterns; `*` stands for any run of characters. */
export function matchesError(patterns: readonly string[] | undefined, type: string): boolean {
  return patterns === undefined || patterns.some((pattern) => matchesPattern(pattern, type));
}

function matchesPattern(pattern: string, type: string): boolean {
  const [first = '', ...rest] = pattern.split('*');
  if (rest.length === 0) return pattern === type;
  if (!type.startsWith(first)) return false;
  let position = first.length;
  const last = rest.pop() ?? '';
  for (const part of rest) {
    const found = type.indexOf(part, position);
    if (found < 0) return false;
    position = found + part.length;
  }
  return type.length - last.length >= position && type.endsWith(last);
}

/** The first rule that fits the error. */
export function selectRule(rules: readonly FailureRule[], type: string): FailureRule | undefined {
  return rules.find((rule) => matchesError(rule.errors, type));
}
