import { readFile } from 'node:fs/promises';
import type { Definition } from '../../src/definition/definition.js';
import { parseDefinition } from '../../src/definition/parse-definition.js';

/** Reads a definition that people copy: one with an error or a warning is not accepted here. */
export async function loadExample(file: string): Promise<Definition> {
  return loadText(await readFile(file, 'utf8'), file);
}

/** The same for a definition that stands in a page. */
export function loadText(text: string, file: string): Definition {
  const { definition, diagnostics } = parseDefinition(text, { file });
  const found = diagnostics.map(({ severity, line, column, path, message }) =>
    [severity, `${file}:${String(line)}:${String(column)}`, path, message].join(' '),
  );
  if (definition === null || found.length > 0) throw new Error(found.join('\n'));
  return definition;
}
