/**
 * The workflow bundle under test, made from the sources (never from a stale dist/) and kept by their content: of all
 * the test files of a run, and of later runs on the same sources, one pays for the bundling.
 */
import { bundleWorkflowCode, type BundleOptions } from '@temporalio/worker';
import { createHash, randomBytes } from 'node:crypto';
import { access, mkdir, readFile, readdir, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { workflowBundleOptions } from '../../src/platform/workflow-bundle.js';

const root = fileURLToPath(new URL('../../', import.meta.url));
const cacheDir = join(root, 'node_modules', '.cache', 'chatflow');
const quiet = { trace() {}, debug() {}, info() {}, warn: console.warn, error: console.error, log() {} };

let shared: Promise<{ readonly codePath: string }> | null = null;

/** The bundle of src/workflows, for a worker's option `workflowBundle`. */
export function getWorkflowBundle(): Promise<{ readonly codePath: string }> {
  shared ??= bundleOnce(workflowBundleOptions(new URL('../../src/workflows/', import.meta.url), '.ts'));
  return shared;
}

/** The same with workflow interceptors of a fixture's. */
export function bundleWithInterceptors(file: URL): Promise<{ readonly codePath: string }> {
  const options = workflowBundleOptions(new URL('../../src/workflows/', import.meta.url), '.ts');
  return bundleOnce({ ...options, workflowInterceptorModules: [fileURLToPath(file)] });
}

/** The bundle of another workflow file, such as a fixture of a test. */
export function bundleWorkflowFile(workflowsPath: string): Promise<{ readonly codePath: string }> {
  return bundleOnce({ workflowsPath });
}

async function bundleOnce(options: BundleOptions): Promise<{ readonly codePath: string }> {
  const entries = [options.workflowsPath, ...(options.workflowInterceptorModules ?? [])];
  const codePath = join(cacheDir, `workflow-bundle-${await digestOf(entries)}.js`);
  if (await exists(codePath)) return { codePath };
  const { code } = await bundleWorkflowCode({ ...options, logger: quiet });
  await mkdir(cacheDir, { recursive: true });
  const staged = `${codePath}.${randomBytes(6).toString('hex')}`;
  await writeFile(staged, code);
  await rename(staged, codePath);
  return { codePath };
}

/** Of everything that may enter the bundle: all sources, the entries and the versions of the packages. */
async function digestOf(entries: readonly string[]): Promise<string> {
  const sources = (await readdir(join(root, 'src'), { recursive: true })).filter((name) =>
    name.endsWith('.ts'),
  );
  const files = [
    ...sources.sort().map((name) => join(root, 'src', name)),
    ...entries,
    join(root, 'package-lock.json'),
  ];
  const hash = createHash('sha256');
  for (const file of files) hash.update(file).update(await readFile(file));
  return hash.digest('hex').slice(0, 24);
}

async function exists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}
