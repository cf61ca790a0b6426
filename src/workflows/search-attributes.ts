/**
 * The search attributes that every instance carries: names and value types only, so that the client, the workflow
 * and the platform (which registers them) read one table without any SDK. The types are the values of Temporal's
 * `SearchAttributeType`. Wire contract: others list and count by these names.
 */
export const SEARCH_ATTRIBUTES = {
  ChatflowTenant: 'KEYWORD',
  ChatflowFeature: 'KEYWORD',
  /** `name@version` of the definition. */
  ChatflowSchema: 'KEYWORD',
  ChatflowStatus: 'KEYWORD',
  ChatflowPhase: 'KEYWORD',
  /** The distinct `kind` and `kind:phase` of the open tasks. */
  ChatflowWaitingFor: 'KEYWORD_LIST',
  ChatflowDepth: 'INT',
  ChatflowTokens: 'INT',
  ChatflowCostUsd: 'DOUBLE',
} as const;

export type SearchAttributeName = keyof typeof SEARCH_ATTRIBUTES;

/** The server refuses longer values; every reader and writer cuts alike, so that a cut value is still found. */
export const SEARCH_ATTRIBUTE_CHARACTERS = 255;

/** The value as it stands in the index: at most 255 characters. */
export function cutSearchAttribute(value: string): string {
  return value.length <= SEARCH_ATTRIBUTE_CHARACTERS ? value : value.slice(0, SEARCH_ATTRIBUTE_CHARACTERS);
}
