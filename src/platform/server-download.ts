/**
 * Temporal's own download, by the protocol of its SDKs: a small JSON document names the archive and the file in it.
 * The first answer has a short deadline, so that a machine without the internet goes on quickly.
 */
import { createWriteStream } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { join, resolve, sep } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { z } from 'zod';
import type { Logger } from './logging.js';
import { runCommand } from './run-command.js';
import { TEMPORAL_VERSION } from './server-release.js';

const ANSWER_DEADLINE_MS = 5_000;
const ARCHIVE_DEADLINE_MS = 10 * 60_000;

const downloadInfo = z.object({ archiveUrl: z.url(), fileToExtract: z.string().min(1) });

/** Downloads and unpacks the release under `scratch`; gives the path of the binary. */
export async function downloadRelease(baseUrl: string, scratch: string, log: Logger): Promise<string> {
  const info = await askForArchive(baseUrl);
  log.info(`downloading Temporal server ${TEMPORAL_VERSION} from ${new URL(info.archiveUrl).host}`);
  const archive = join(scratch, 'temporal-archive');
  const response = await fetchOrExplain(info.archiveUrl, ARCHIVE_DEADLINE_MS);
  if (response.body === null) throw new Error(`${info.archiveUrl} answered without a body`);
  await pipeline(Readable.fromWeb(response.body), createWriteStream(archive));
  return unpack(archive, info.fileToExtract, join(scratch, 'archive'));
}

async function askForArchive(baseUrl: string): Promise<z.infer<typeof downloadInfo>> {
  const url = new URL(`${baseUrl}/v${TEMPORAL_VERSION}`);
  url.searchParams.set('platform', process.platform === 'win32' ? 'windows' : process.platform);
  url.searchParams.set('arch', process.arch === 'x64' ? 'amd64' : process.arch);
  url.searchParams.set('format', 'tar.gz');
  const response = await fetchOrExplain(url.href, ANSWER_DEADLINE_MS);
  return downloadInfo.parse(await response.json());
}

async function unpack(archive: string, name: string, folder: string): Promise<string> {
  const file = resolve(folder, name);
  if (!file.startsWith(folder + sep)) throw new Error(`the archive's file ${name} would leave its folder`);
  await mkdir(folder, { recursive: true });
  await runCommand('tar', ['-xf', archive, '-C', folder, name], { timeoutMs: 60_000 });
  return file;
}

async function fetchOrExplain(url: string, deadlineMs: number): Promise<Response> {
  const response = await fetch(url, { signal: AbortSignal.timeout(deadlineMs) }).catch((error: unknown) => {
    const { message, cause } = error as Error;
    throw new Error(`${url}: ${cause instanceof Error ? cause.message : message}`, { cause: error });
  });
  if (!response.ok) throw new Error(`${url} answered ${response.status}`);
  return response;
}
