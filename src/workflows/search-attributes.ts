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

/** The memo of an instance some of whose tokens came without a price: how many. No list can be filtered by it. */
export const UNPRICED_MEMO = 'chatflow_unpriced_tokens';

export type SearchAttributeName = keyof typeof SEARCH_ATTRIBUTES;

/** The server refuses longer values. */
const MOST_CHARACTERS = 255;

/**
 * A text as it stands in the index: `%`, quotes, backslashes and control characters percent-encoded (no query of
 * Temporal's on SQLite or PostgreSQL finds those: its parser escapes them a second time), at most 255 characters.
 * Ids that a person would choose stay as they are. Writers and readers both go through here.
 */
export function toIndexText(value: string): string {
  const encoded = value.replace(/[%'"\\\u0000-\u001f\u007f]/g, encodeCharacter);
  // Half a surrogate pair would be another character once it is UTF-8.
  return encoded.slice(0, MOST_CHARACTERS).replace(/[\ud800-\udbff]$/, '');
}

/** The text of a value of the index; of one that was cut, its beginning. */
export function fromIndexText(text: string): string {
  return text.replace(/%([0-9A-F]{2})/g, (_match, hex: string) => String.fromCharCode(parseInt(hex, 16)));
}

/** Whether a value of the index may be the beginning of a longer text. */
export function mayBeCut(text: string): boolean {
  return text.length >= MOST_CHARACTERS - 1;
}

function encodeCharacter(character: string): string {
  return `%${character.charCodeAt(0).toString(16).toUpperCase().padStart(2, '0')}`;
}
