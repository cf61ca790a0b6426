import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import type { AuditFile, FileText, Unread } from './audit-file.js';

/** Larger files are not read: they are no source that a person wrote. */
const MAX_BYTES = 4 * 1024 * 1024;

export interface ReadFiles {
  readonly texts: readonly FileText[];
  readonly unreadable: readonly Unread[];
}

/** Reads files below `root`, or by their absolute paths, as UTF-8, in the order given. What cannot be read is reported, never skipped in silence. */
export async function readFiles(root: string, files: readonly AuditFile[]): Promise<ReadFiles> {
  const texts: FileText[] = [];
  const unreadable: Unread[] = [];
  for (const file of files) {
    const read = await readText(root, file);
    if ('why' in read) unreadable.push({ path: file.path, why: read.why });
    else texts.push({ path: file.path, language: file.language, kind: file.kind, text: read.text });
  }
  return { texts, unreadable };
}

async function readText(
  root: string,
  { path, bytes, closed }: AuditFile,
): Promise<{ readonly text: string } | Pick<Unread, 'why'>> {
  if (closed !== undefined) return { why: closed };
  if (bytes > MAX_BYTES) return { why: 'too large' };
  try {
    const content = await readFile(resolve(root, path));
    return content.subarray(0, 8000).includes(0) ? { why: 'not text' } : { text: content.toString('utf8') };
  } catch (error) {
    return { why: (error as NodeJS.ErrnoException).code === 'ENOENT' ? 'not there any more' : 'not allowed' };
  }
}
