/** The grammar of names. */

/** Phases and tasks. */
export const NAME = /^[A-Za-z_][A-Za-z0-9_-]{0,63}$/;

/** A definition. */
export const DOCUMENT_NAME = /^[A-Za-z0-9_-]{1,128}$/;

/** A version: it stands in file names and behind the `@` of a reference. */
export const VERSION = /^[A-Za-z0-9][A-Za-z0-9.+-]{0,63}$/;

/** The type of an error, as `fail` gives it. */
export const ERROR_TYPE = /^[A-Za-z_][A-Za-z0-9_.-]{0,127}$/;

/** The type of an error in a filter; `*` stands for any run of characters. */
export const ERROR_PATTERN = /^[A-Za-z0-9_.*-]{1,128}$/;

/** Where a `goto` may lead besides phases. */
export const EXITS = ['end', 'end_now', 'fail', 'cancel'] as const;

/** Words that mean something as a target, and keys that no map may have. */
const LANGUAGE_WORDS = new Set<string>([...EXITS, 'continue', '__proto__', 'constructor', 'prototype']);

/** CEL's literals and reserved words, by its specification. */
const CEL_WORDS = new Set(
  (
    'true false null in as break const continue else for function if import let loop package namespace return ' +
    'var void while'
  ).split(' '),
);

/** Why a name of good form may not be used; undefined where it may. */
export function reservedBy(name: string): 'the language' | 'CEL' | undefined {
  if (LANGUAGE_WORDS.has(name)) return 'the language';
  return CEL_WORDS.has(name) ? 'CEL' : undefined;
}
