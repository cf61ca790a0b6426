import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { AuditFile, FileText } from './audit-file.js';

/** Larger files are not read: they are no source that a person wrote. */
const MAX_BYTES = 4 * 1024 * 1024;

export interface ReadFiles {
  readonly texts: readonly FileText[];
  /** Binary, too large, not there any more, or not allowed. */
  readonly unreadable: readonly string[];
}

/** Reads files as UTF-8, in the order given. What cannot be read is reported, never skipped in silence. */
export async function readFiles(root: string, files: readonly AuditFile[]): Promise<ReadFiles> {
  const texts: FileText[] = [];
  const unreadable: string[] = [];
  for (const file of files) {
    const text = await readText(join(root, file.path), file.bytes);
    if (text === null) unreadable.push(file.path);
    else texts.push({ path: file.path, language: file.language, kind: file.kind, text });
  }
  return { texts, unreadable };
}

async function readText(path: string, bytes: number): Promise<string | null> {
  if (bytes > MAX_BYTES) return null;
  try {
    const content = await readFile(path);
    return content.subarray(0, 8000).includes(0) ? null : content.toString('utf8');
  } catch {
    return null; // the caller lists it as unreadable
  }
}
