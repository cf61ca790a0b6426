/** Bytes of JSON that one value made by an expression may have (256 kB). */
export const MAX_VALUE_BYTES = 262_144;

/** Elements that one list or map made by an expression may have. */
export const MAX_VALUE_ELEMENTS = 10_000;

/** Units that the expressions of one event may spend together. */
export const MAX_EVENT_UNITS = 1_000_000;

/** Characters of one expression. Beyond, it is a program and belongs into an activity. */
export const MAX_SOURCE_CHARS = 16_384;

/** Nodes of one expression; also how deep the walks over its tree can get. */
export const MAX_NODES = 1_000;

/** Levels of brackets, calls and accesses in one expression. */
export const MAX_NESTING = 100;

/** `!` and `-` in a row. */
export const MAX_UNARY_RUN = 32;

/** How many elements a list is taken to have where its length is not known before the run. */
export const ASSUMED_ELEMENTS = 1_000;

/** What an expression may cost by the static estimate: three nested macros pass, four cannot. */
export const MAX_STATIC_COST = 1e11;

/**
 * Prices in units, set so that a whole budget is at most some 50 ms of work on a slow machine, whatever it is spent on
 * (test/expression/cost.test.ts). They are part of the engine's meaning: a change of one can turn a recorded event
 * into a failure on replay, and needs a new version of the engine.
 */
export const COST = {
  /** One node evaluated. */
  node: 4,
  /** One element looked at, copied or compared. */
  element: 4,
  /** One key of a map listed. */
  key: 20,
  /** One entry of a map made. */
  entry: 8,
  /** One list or map made, besides what is in it. */
  container: 10,
  /** One number computed as a 64-bit int, or converted. */
  number: 8,
  /** One date read, written or taken apart. */
  time: 100,
} as const;

/** Characters of a string that one unit pays for. */
export const CHARS_PER_UNIT = 16;
