import type { WorkflowEngine } from '../../../src/client/index.js';
import { coloursFor } from '../../../src/surfaces/cli/colours.js';
import { renderTree } from '../../../src/surfaces/cli/render-tree.js';
import { patiently } from './patiently.js';

/** As deep as audits go: folders, and folders in them. */
const DEPTH = 2;

/** An instance with all below it, line by line, as `chatflow tree` draws it. */
export async function drawTree(
  engine: Pick<WorkflowEngine, 'monitorWorkflowTree'>,
  instanceId: string,
  stream: NodeJS.WriteStream,
): Promise<readonly string[]> {
  const monitor = await patiently(() => engine.monitorWorkflowTree(instanceId, { depth: DEPTH }));
  const terminal = { isTTY: stream.isTTY === true, write: (text: string) => stream.write(text) };
  return renderTree(monitor, coloursFor(terminal, process.env), Date.now());
}
