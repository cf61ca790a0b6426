/** How bad a finding is: an `error` refuses the document, a `warning` does not. */
export type Severity = 'error' | 'warning';

/** One finding in a document. Lines and columns count from 1. */
export interface Diagnostic {
  /** Stable kebab-case code, e.g. `unknown-key`, `unknown-phase`, `expression-syntax`: listed in docs/language.md. */
  readonly code: string;
  readonly severity: Severity;
  readonly message: string;
  /** Path in the document, e.g. `phases[2].next[0].goto`; empty for the document itself. */
  readonly path: string;
  readonly line: number;
  readonly column: number;
  /** The lines round the place, with a caret; empty where the text is not at hand. */
  readonly frame: string;
  /** What to do: the nearest right name, an example. */
  readonly hint?: string;
  /** The file's name, where there is one. */
  readonly file?: string;
}
