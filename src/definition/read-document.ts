/** Text to JSON, with the way back from a path to a place in the text. */
import type { Json } from '../json/json.js';
import { composeYaml } from './compose-yaml.js';
import type { Finding } from './finding.js';
import type { NodeTree } from './locate-node.js';
import { readNodes } from './read-nodes.js';
import { checkCharacters, scanYaml } from './scan-yaml.js';

export interface ReadDocument {
  /** Undefined where the text could not be read. */
  readonly document: Json | undefined;
  /** Problems of the text, and of what is no JSON in it. */
  readonly findings: readonly Finding[];
  readonly tree?: NodeTree;
}

/** Reads YAML 1.2, and so JSON. Never throws; takes some hundred milliseconds at most, whatever the text is. */
export function readDocument(text: string): ReadDocument {
  const refused = checkCharacters(text);
  if (refused) return { document: undefined, findings: [refused] };
  const yaml = untab(text);
  const scan = scanYaml(yaml);
  if ('refused' in scan) return { document: undefined, findings: [scan.refused] };
  const { root, findings, isTorn } = composeYaml(scan, yaml);
  if (isTorn) return { document: undefined, findings };
  if (!root) return { document: undefined, findings: [emptyDocument(), ...findings] };
  const read = readNodes(root, yaml);
  return {
    document: read.value,
    findings: withoutRepeats(findings, read.findings),
    tree: { root, aliases: read.aliases },
  };
}

/** The composer and the reader both see a tag; the reader knows its path. */
function withoutRepeats(composed: readonly Finding[], read: readonly Finding[]): readonly Finding[] {
  const known = new Set(read.map(({ textOffset }) => textOffset));
  return [...composed.filter(({ textOffset }) => !known.has(textOffset)), ...read];
}

/** JSON may be indented with tabs, YAML may not; a space for a tab leaves every offset as it is. */
function untab(text: string): string {
  if (!/^\s*[{[]/.test(text)) return text;
  return text.replace(/^[\t ]+/gm, (indent) => ' '.repeat(indent.length));
}

function emptyDocument(): Finding {
  return {
    code: 'wrong-type',
    message: 'The document is empty',
    path: [],
    textOffset: 0,
    hint: 'a definition begins with `name:`, `version:` and `phases:`',
  };
}
