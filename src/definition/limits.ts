/** Bounds on a document, checked before and while it is parsed. */
export const DEFINITION_LIMITS = {
  /** UTF-8 bytes of the text, or of the JSON of a parsed object. */
  maxBytes: 262_144,
  /** Levels of lists and maps. */
  maxDepth: 64,
  /** Keys of one map. */
  maxKeys: 1_000,
  /** Lists, maps, keys and values together, aliases expanded. */
  maxValues: 20_000,
  /** Tokens of YAML's lexer: about eight a line. Bounds the time that the parser takes. */
  maxTokens: 40_000,
  /** Expressions, those in templates included: parsing them all stays below some hundred milliseconds. */
  maxExpressions: 5_000,
  /** Findings that are collected before the report is cut. */
  maxFindings: 1_000,
  /** Problems that one report holds. */
  maxProblems: 100,
} as const;
