/** Names that stand for a type where nothing in scope has them, as in `type(x) == string`. */
export const TYPE_NAMES: ReadonlySet<string> = new Set([
  'bool',
  'double',
  'int',
  'list',
  'map',
  'null_type',
  'optional_type',
  'string',
  'type',
]);
