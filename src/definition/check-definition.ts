import { checkDocument, type CheckOptions, type CheckResult } from './check-document.js';
import { copyPlainJson } from './copy-plain-json.js';
import type { Path } from './finding.js';

/**
 * Checks a definition that is an object already, from anywhere: what is no plain JSON of bounded size is refused
 * first. There is no text, so every diagnostic stands at 1:1 with an empty frame; its path says where.
 */
export function checkDefinition(value: unknown, options: CheckOptions = {}): CheckResult {
  const { document, findings } = copyPlainJson(value);
  const written = (path: Path) => String(valueAt(document, path));
  return checkDocument(
    {
      document: findings.length > 0 ? undefined : document,
      findings,
      written,
      origin: { file: options.file },
    },
    options,
  );
}

function valueAt(document: unknown, path: Path): unknown {
  return path.reduce<unknown>(
    (value, segment) => (value as Readonly<Record<string, unknown>>)[segment],
    document,
  );
}
