import type { z } from 'zod';
import { isJsonObject } from '../json/json.js';
import { NAME } from './names.js';
import { keysOf, schemasAt } from './schema-tree.js';

/** `next: { goto: b }`: one rule where a list of rules is due, or the target alone. */
export function hintForList(
  schemas: readonly z.core.$ZodType[],
  value: unknown,
  key: string,
): string | undefined {
  const isOfRules = schemas.some((schema) =>
    schemasAt(schema, [0]).some((rule) => keysOf(rule).includes('goto')),
  );
  if (!isOfRules || !isJsonObject(value)) return undefined;
  const { goto, ...rest } = value;
  const isTarget = typeof goto === 'string' && NAME.test(goto) && Object.keys(rest).length === 0;
  return isTarget
    ? `write \`${key}: ${goto}\`, or a list: \`${key}: [{ goto: ${goto} }]\``
    : `write a list: \`${key}: [{ … }]\``;
}
