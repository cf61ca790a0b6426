/**
 * Bundles the compiled workflow code into dist/workflow-bundle.js, so that a worker starts without webpack: bundling
 * takes more than a second, reading the bundle none.
 */
import { bundleWorkflowCode } from '@temporalio/worker';
import { access, rename, writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';

const folder = new URL('../dist/src/workflows/', import.meta.url);
const target = fileURLToPath(new URL('../dist/workflow-bundle.js', import.meta.url));
const quiet = { trace() {}, debug() {}, info() {}, log() {}, warn: console.warn, error: console.error };

await access(new URL('index.js', folder)).catch(() => {
  throw new Error(`${folder.pathname}index.js is missing: compile first (npm run build does both)`);
});
const { workflowBundleOptions } = await import('../dist/src/platform/workflow-bundle.js');
const { code } = await bundleWorkflowCode({ ...workflowBundleOptions(folder, '.js'), logger: quiet });
await writeFile(`${target}.new`, code);
await rename(`${target}.new`, target);
console.error(`dist/workflow-bundle.js: ${Math.round(code.length / 1024)} KiB`);
