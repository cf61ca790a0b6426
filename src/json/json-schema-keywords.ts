/** The keywords of JSON Schema that are supported, and what each one takes. */

/** What stands under a keyword. */
export type KeywordShape =
  | 'schema'
  | 'schema-map'
  | 'schema-list'
  | 'string'
  | 'string-list'
  | 'string-list-map'
  | 'count'
  | 'number'
  | 'positive'
  | 'boolean'
  | 'type'
  | 'list'
  | 'pattern'
  | 'format'
  | 'reference'
  | 'any';

export const KEYWORDS = {
  $schema: 'string',
  $id: 'string',
  $comment: 'string',
  title: 'string',
  description: 'string',
  default: 'any',
  examples: 'any',
  deprecated: 'boolean',
  readOnly: 'boolean',
  writeOnly: 'boolean',
  $ref: 'reference',
  $defs: 'schema-map',
  definitions: 'schema-map',
  type: 'type',
  enum: 'list',
  const: 'any',
  allOf: 'schema-list',
  anyOf: 'schema-list',
  oneOf: 'schema-list',
  not: 'schema',
  if: 'schema',
  then: 'schema',
  else: 'schema',
  properties: 'schema-map',
  required: 'string-list',
  additionalProperties: 'schema',
  patternProperties: 'schema-map',
  propertyNames: 'schema',
  minProperties: 'count',
  maxProperties: 'count',
  dependentRequired: 'string-list-map',
  dependentSchemas: 'schema-map',
  items: 'schema',
  prefixItems: 'schema-list',
  contains: 'schema',
  minContains: 'count',
  maxContains: 'count',
  minItems: 'count',
  maxItems: 'count',
  uniqueItems: 'boolean',
  minimum: 'number',
  maximum: 'number',
  exclusiveMinimum: 'number',
  exclusiveMaximum: 'number',
  multipleOf: 'positive',
  minLength: 'count',
  maxLength: 'count',
  pattern: 'pattern',
  format: 'format',
} as const satisfies Readonly<Record<string, KeywordShape>>;

export type Keyword = keyof typeof KEYWORDS;

export const TYPES = ['object', 'array', 'string', 'number', 'integer', 'boolean', 'null'] as const;

/** Keywords of other drafts, and what does the same here. */
export const KEYWORD_HINTS: Readonly<Record<string, string>> = {
  id: 'write `$id` at the root, or leave it out',
  $anchor: 'refer by path: `#/$defs/name`',
  $dynamicRef: 'refer by path: `#/$defs/name`',
  $recursiveRef: 'refer by path: `#/$defs/name`',
  dependencies: 'write `dependentRequired` or `dependentSchemas`',
  additionalItems: 'write `prefixItems` and `items`',
  unevaluatedProperties: 'write `additionalProperties: false` beside the `properties`',
  unevaluatedItems: 'write `prefixItems` and `items`',
  nullable: 'write `type: [string, "null"]`',
  optional: 'list what is required in `required`, beside `properties`',
};

/** Keywords under which a schema is about the same value: a circle of these never ends. */
export const SAME_VALUE_KEYWORDS: readonly Keyword[] = [
  '$ref',
  'allOf',
  'anyOf',
  'oneOf',
  'not',
  'if',
  'then',
  'else',
  'dependentSchemas',
];
