import { readFileSync } from 'node:fs';
import { parse } from 'yaml';

/** A document with problems. */
export interface BadDocument {
  readonly name: string;
  readonly text: string;
  /** The whole of its report: `line:column code path (hint)`. */
  readonly expected: readonly string[];
}

/** The definitions that references in these documents may name. */
export const KNOWN_DEFINITIONS = ['database-migration@1.0'];

const FILE = new URL('bad-documents.yaml', import.meta.url);

export const BAD_DOCUMENTS = parse(readFileSync(FILE, 'utf8')) as readonly BadDocument[];
