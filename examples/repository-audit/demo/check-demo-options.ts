import { randomUUID } from 'node:crypto';
import { rm, stat, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { AuditFile } from '../audit/audit-file.js';
import { createManifest } from '../audit/list-files.js';
import { makeFolder, removeFolders } from '../audit/make-folder.js';
import { DemoUsageError, type DemoOptions } from './demo-options.js';

/**
 * Refuses, before anything is started, what the audit would fail on at its end.
 * @returns the files that there are to audit, at least one
 * @throws DemoUsageError
 */
export async function checkDemoOptions({
  treePath,
  reportPath,
}: Pick<DemoOptions, 'treePath' | 'reportPath'>): Promise<readonly AuditFile[]> {
  const files = await checkTree(treePath);
  await checkReport(reportPath);
  return files;
}

async function checkTree(path: string): Promise<readonly AuditFile[]> {
  const found = await statOf(path);
  if (found === null) throw new DemoUsageError(`There is no ${path}`);
  if (!found.isDirectory()) throw new DemoUsageError(`${path} is no folder: name the folder to audit`);
  const { files } = await createManifest(path).catch((error: unknown) => {
    throw new DemoUsageError(`${path} can't be read: ${reasonOf(error)}`, { cause: error });
  });
  if (files.length === 0) {
    throw new DemoUsageError(`${path} holds nothing to audit: no file that is neither generated nor hidden`);
  }
  return files;
}

async function checkReport(path: string): Promise<void> {
  const own = await statOf(path);
  if (own?.isDirectory() === true) throw new DemoUsageError(`--report ${path} is a folder: name a file`);
  if (own?.isFile() === false) throw new DemoUsageError(`--report ${path} is no plain file: name another`);
  await tryToWriteBeside(path).catch((error: unknown) => {
    const words = `The report can't be written to ${path} (${reasonOf(error)}): choose another place with --report FILE`;
    throw new DemoUsageError(words, { cause: error });
  });
}

/** Writes a file where the report's draft will lie, in folders that may not be there yet, and takes all of it away. */
async function tryToWriteBeside(path: string): Promise<void> {
  const made = await makeFolder(dirname(path));
  const probe = `${path}.${randomUUID()}.tmp`;
  try {
    await writeFile(probe, '');
  } finally {
    await rm(probe, { force: true }).catch(() => undefined); // its own refusal is the one that counts
    await removeFolders(made);
  }
}

async function statOf(path: string): Promise<Awaited<ReturnType<typeof stat>> | null> {
  return stat(path).catch(() => null);
}

function reasonOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
