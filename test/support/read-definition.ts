import { parseDefinition } from '../../src/definition/parse-definition.js';
import type { Definition } from '../../src/definition/definition.js';

const HEAD = /^name:/m;

/** A definition from YAML text; `name` and `version` may be left out. Throws with its diagnostics where it has errors. */
export function readDefinition(text: string): Definition {
  const whole = HEAD.test(text) ? text : `name: flow\nversion: "1"\n${text}`;
  const { definition, diagnostics } = parseDefinition(whole);
  if (definition) return definition;
  const list = diagnostics.map(({ line, column, message }) => `${line}:${column} ${message}`);
  throw new Error(`The definition has errors:\n${list.join('\n')}\n${whole}`);
}
