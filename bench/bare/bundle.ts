/** Bundles the workflows written by hand, once for all their workers. */
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { DefaultLogger, bundleWorkflowCode } from '@temporalio/worker';

/** Where the bundle lies under the bench's folder. */
export function bareBundlePath(dataDir: string): string {
  return join(dataDir, 'bare-bundle.js');
}

/** Writes the bundle to its place. */
export async function bundleBare(dataDir: string): Promise<void> {
  const workflowsPath = fileURLToPath(new URL('./workflows.js', import.meta.url));
  const { code } = await bundleWorkflowCode({ workflowsPath, logger: new DefaultLogger('WARN') });
  await writeFile(bareBundlePath(dataDir), code);
}
