import { isScalar } from 'yaml';
import { checkDocument, type CheckOptions, type CheckResult } from './check-document.js';
import type { Path } from './finding.js';
import { findPlace, type NodeTree } from './locate-node.js';
import { readDocument } from './read-document.js';
import { SourceText } from './source-text.js';

/**
 * Reads and checks a definition from YAML or JSON text. Never throws, whatever the text is: all problems, each with
 * line, column, path and what to do, stand in `diagnostics`.
 */
export function parseDefinition(text: string, options: CheckOptions = {}): CheckResult {
  // A byte order mark is no part of the first line.
  const source = new SourceText(text.replace(/^\uFEFF/, ''));
  const { document, findings, tree } = readDocument(source.text);
  const origin = { source, tree, file: options.file };
  const written = (path: Path) => (tree ? writtenAt(tree, path) : '');
  return checkDocument({ document, findings, written, origin }, options);
}

/** A scalar as it stands in the text: `1.0`, where the value is 1. */
function writtenAt(tree: NodeTree, path: Path): string {
  const { value } = findPlace(tree, path);
  return isScalar(value) ? (value.source ?? '') : '';
}
