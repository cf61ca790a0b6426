import { constants } from 'node:fs';
import { access, stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import { createManifest } from '../audit/list-files.js';
import { DemoUsageError, type DemoOptions } from './demo-options.js';

/** Refuses, before anything is started, what the audit would fail on at its end. @throws DemoUsageError */
export async function checkDemoOptions({
  treePath,
  reportPath,
}: Pick<DemoOptions, 'treePath' | 'reportPath'>): Promise<void> {
  await checkTree(treePath);
  await checkReport(reportPath);
}

async function checkTree(path: string): Promise<void> {
  const found = await statOf(path);
  if (found === null) throw new DemoUsageError(`There is no ${path}`);
  if (!found.isDirectory()) throw new DemoUsageError(`${path} is no folder: name the folder to audit`);
  const { files } = await createManifest(path).catch((error: unknown) => {
    throw new DemoUsageError(`${path} can't be read: ${reasonOf(error)}`, { cause: error });
  });
  if (files.length === 0) {
    throw new DemoUsageError(`${path} holds nothing to audit: no file that is neither generated nor hidden`);
  }
}

/** The folder of the report may not be there yet; then the nearest one above it must take it. */
async function checkReport(path: string): Promise<void> {
  const own = await statOf(path);
  if (own?.isDirectory() === true) throw new DemoUsageError(`--report ${path} is a folder: name a file`);
  let target = path;
  while ((await statOf(target)) === null && dirname(target) !== target) target = dirname(target);
  const isFolder = (await statOf(target))?.isDirectory() === true;
  const writable = await access(target, isFolder ? constants.W_OK | constants.X_OK : constants.W_OK).then(
    () => isFolder || target === path,
    () => false,
  );
  if (writable) return;
  throw new DemoUsageError(`The report can't be written to ${path}: choose another place with --report FILE`);
}

async function statOf(path: string): Promise<Awaited<ReturnType<typeof stat>> | null> {
  return stat(path).catch(() => null);
}

function reasonOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
