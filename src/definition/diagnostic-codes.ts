import type { Severity } from './diagnostic.js';

export interface CodeFacts {
  readonly severity: Severity;
  /** What the code says, in one sentence. */
  readonly meaning: string;
  /** What to do, where a finding does not say it itself. */
  readonly hint?: string;
}

/** The one registry of what a check can find. Codes are stable; docs/language.md lists them, and a test holds it to this. */
export const DIAGNOSTIC_CODES = {
  'document-too-large': {
    severity: 'error',
    meaning: 'The document has more than 256 KiB.',
    hint: 'move long texts to files that an agent reads, or split the document into subworkflows',
  },
  'nested-too-deep': {
    severity: 'error',
    meaning: 'Lists and maps are nested deeper than 64 levels.',
    hint: 'move deep data to a file, or split the document into subworkflows',
  },
  'too-many-keys': {
    severity: 'error',
    meaning: 'One map has more than 1,000 keys.',
    hint: 'write a list, or move the data to a file',
  },
  'too-many-values': {
    severity: 'error',
    meaning: 'The document has more values than a definition may have.',
    hint: 'move data to a file, or split the document into subworkflows',
  },
  'too-many-problems': { severity: 'error', meaning: 'Further problems are not shown.' },
  'control-character': {
    severity: 'error',
    meaning: 'The text has NUL, a control character or half a character.',
  },
  'yaml-syntax': { severity: 'error', meaning: 'The text is not YAML 1.2.' },
  'yaml-tag': { severity: 'error', meaning: 'A `!` at the start of a value is read as a YAML tag.' },
  'yaml-unsupported': {
    severity: 'error',
    meaning: 'YAML that definitions do not use: directives, several documents, merge keys, tags.',
  },
  'duplicate-key': { severity: 'error', meaning: 'A key stands twice in one map.' },
  'forbidden-key': {
    severity: 'error',
    meaning: 'The keys `__proto__`, `constructor` and `prototype` are refused.',
  },
  'not-json': { severity: 'error', meaning: 'A value that JSON cannot carry.' },
  'unknown-key': { severity: 'error', meaning: 'A key that the language does not have at this place.' },
  'missing-key': { severity: 'error', meaning: 'A required key is not there.' },
  'wrong-type': { severity: 'error', meaning: 'A value of another type is expected.' },
  'wrong-value': { severity: 'error', meaning: 'A value that is not allowed here.' },
  'out-of-range': { severity: 'error', meaning: 'A number or a length outside of its bounds.' },
  'version-not-string': { severity: 'error', meaning: 'The version is not a string.' },
  'bad-name': { severity: 'error', meaning: 'A name that does not fit the grammar of names.' },
  'reserved-name': { severity: 'error', meaning: 'A name that is a word of the language or of CEL.' },
  'duplicate-name': {
    severity: 'error',
    meaning: 'Two phases, or two tasks of a phase, have the same name.',
  },
  'kind-conflict': { severity: 'error', meaning: 'Exactly one kind is expected, and there is none or more.' },
  'misplaced-key': { severity: 'error', meaning: 'A key that belongs elsewhere, or goes with another kind.' },
  'unknown-phase': { severity: 'error', meaning: 'A target names a phase that does not exist.' },
  'unknown-task': { severity: 'error', meaning: 'A task is named that does not exist.' },
  'unknown-subworkflow': {
    severity: 'error',
    meaning: 'A subworkflow names a definition that is not known.',
  },
  'unreachable-phase': { severity: 'error', meaning: 'No way leads to the phase.' },
  'dependency-cycle': { severity: 'error', meaning: 'Tasks wait for each other in a circle.' },
  'join-too-large': { severity: 'error', meaning: '`join` or `require` asks for more tasks than there are.' },
  'subworkflow-too-deep': {
    severity: 'error',
    meaning: 'An inline subworkflow lies deeper than `max_recursion_depth` allows.',
  },
  'expression-syntax': {
    severity: 'error',
    meaning: 'An expression or a template does not parse, or costs too much.',
  },
  'unknown-name': { severity: 'error', meaning: 'An expression uses a name that does not exist there.' },
  'wrong-status': { severity: 'error', meaning: 'A status is compared with a word that is no status.' },
  'misplaced-secret': { severity: 'error', meaning: '`${secret:NAME}` stands outside of an HTTP executor.' },
  'bad-json-schema': {
    severity: 'error',
    meaning: 'A JSON Schema that is wrong, or uses what is not supported.',
  },
  'invalid-input': { severity: 'error', meaning: 'The initial context does not fit `input`.' },
  'looks-like-expression': {
    severity: 'warning',
    meaning: 'A text that looks like a path in scope; it is not evaluated.',
  },
  'next-may-fall-through': { severity: 'warning', meaning: 'The last entry of `next` has a condition.' },
  'unused-rule': { severity: 'warning', meaning: 'An entry behind one that always holds.' },
  'no-effect': { severity: 'warning', meaning: 'A key that changes nothing where it stands.' },
} as const satisfies Readonly<Record<string, CodeFacts>>;

export type DiagnosticCode = keyof typeof DIAGNOSTIC_CODES;
