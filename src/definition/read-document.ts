/** Text to JSON, with the way back from a path to a place in the text. */
import type { Json } from '../json/json.js';
import { composeYaml } from './compose-yaml.js';
import type { Finding } from './finding.js';
import type { NodeTree } from './locate-node.js';
import { readNodes } from './read-nodes.js';
import { checkCharacters, scanYaml } from './scan-yaml.js';

export interface ReadDocument {
  /** Null where the text could not be read, and for an empty one. */
  readonly document: Json;
  /** Why it could not be read: empty where it was. */
  readonly findings: readonly Finding[];
  readonly tree?: NodeTree;
}

/** Reads YAML 1.2, and so JSON. Never throws; takes some hundred milliseconds at most, whatever the text is. */
export function readDocument(text: string): ReadDocument {
  const refused = checkCharacters(text);
  if (refused) return { document: null, findings: [refused] };
  const yaml = untab(text);
  const scan = scanYaml(yaml);
  if ('refused' in scan) return { document: null, findings: [scan.refused] };
  const { root, findings } = composeYaml(scan.tokens, yaml);
  if (findings.length > 0) return { document: null, findings };
  if (!root) return { document: null, findings: [emptyDocument()] };
  const read = readNodes(root, yaml);
  return { document: read.value, findings: read.findings, tree: { root, aliases: read.aliases } };
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
