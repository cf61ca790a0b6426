import { createHash, randomUUID } from 'node:crypto';
import { readFile, readdir, rename, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { AnalysisResult, Manifest, Review } from '../audit/audit-file.js';
import { makeFolder } from '../audit/make-folder.js';

/**
 * What the agents share besides the workflow's variables: files in the work directory, each written whole or not at
 * all, and each under a name of its own, so that an agent that does its task twice leaves what it left before.
 */
export interface WorkFiles {
  writeManifest(manifest: Manifest): Promise<string>;
  readManifest(): Promise<Manifest>;
  /** One of several results of an analysis in a round is told by its folder. */
  writeResult(result: AnalysisResult, folder: string | undefined): Promise<string>;
  readResults(): Promise<readonly AnalysisResult[]>;
  writeReview(review: Review): Promise<string>;
  readReviews(): Promise<readonly Review[]>;
  /** Paths that the next round looks at. */
  writeFocus(round: number, paths: readonly string[]): Promise<string>;
  readFocus(name: string): Promise<readonly string[]>;
}

/** The work files of one audit; the folder is made where there is none. */
export function createWorkFiles(workDir: string): WorkFiles {
  const read = async <T>(name: string): Promise<T> =>
    // These files are written by this module alone, in the shapes that it reads.
    JSON.parse(await readFile(join(workDir, name), 'utf8')) as T;
  const write = async (name: string, content: unknown): Promise<string> => {
    const path = join(workDir, name);
    await writeWhole(path, JSON.stringify(content));
    return path;
  };
  const readAll = async <T>(prefix: string): Promise<readonly T[]> => {
    const names = (await readdir(workDir)).filter(
      (name) => name.startsWith(prefix) && name.endsWith('.json'),
    );
    return Promise.all(names.sort().map((name) => read<T>(name)));
  };
  return {
    writeManifest: (manifest) => write('manifest.json', manifest),
    readManifest: () => read('manifest.json'),
    writeResult: (result, folder) =>
      write(
        `result-${String(result.round)}-${result.analysis}${folder === undefined ? '' : `-${shorten(folder)}`}.json`,
        result,
      ),
    readResults: () => readAll('result-'),
    writeReview: (review) => write(`review-${String(review.round)}.json`, review),
    readReviews: () => readAll('review-'),
    writeFocus: async (round, paths) => {
      const name = `focus-${String(round)}.json`;
      await write(name, paths);
      return name;
    },
    readFocus: (name) => read(name),
  };
}

/** A path as a part of a file's name: the same one for the same path, whatever is in it. */
function shorten(path: string): string {
  return createHash('sha256').update(path).digest('hex').slice(0, 12);
}

/** Writes a file so that readers see the old content or the new, never a part. */
export async function writeWhole(path: string, content: string): Promise<void> {
  await makeFolder(dirname(path));
  const draft = `${path}.${randomUUID()}.tmp`;
  try {
    await writeFile(draft, content);
    await rename(draft, path);
  } catch (error) {
    await rm(draft, { force: true });
    throw error;
  }
}
