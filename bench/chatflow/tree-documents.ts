/** The definitions of a tree's nodes, as a team would keep them in a folder: one for each shape below. */
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Fanouts } from '../trees/tree-contender.js';

/** Where the product's worker finds definitions under the bench's folder. */
export function definitionsFolder(dataDir: string): string {
  return join(dataDir, 'definitions');
}

/** Writes the definitions of all nodes below the roots of these shapes. */
export async function writeTreeDocuments(dataDir: string, shapes: readonly Fanouts[]): Promise<void> {
  const folder = definitionsFolder(dataDir);
  await mkdir(folder, { recursive: true });
  for (const shape of shapes) {
    for (let depth = 1; depth <= shape.length; depth += 1) {
      const below = shape.slice(depth);
      await writeFile(join(folder, `${nameOf(below)}@v1.0.yaml`), treeDocument(below));
    }
  }
}

/** The definition of a node with so much below it. */
export function treeDocument(fanouts: Fanouts): string {
  const [fanout, ...below] = fanouts;
  const head = `name: ${nameOf(fanouts)}\nversion: '1.0'\n`;
  if (fanout === undefined) return `${head}phases:\n  - name: work\n    task: Do your part\n`;
  const items = JSON.stringify(Array.from({ length: fanout }, (_, index) => index));
  return `${head}phases:
  - name: split
    subworkflow: ${nameOf(below)}
    foreach: '${items}'
    max_parallel: ${String(fanout)}
    outputs: { completed: 'size(tasks.split.filter(t, t.status == "completed"))' }
`;
}

function nameOf(fanouts: Fanouts): string {
  return fanouts.length === 0 ? 'bench-leaf' : `bench-tree-${fanouts.join('-')}`;
}
