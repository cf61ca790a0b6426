/** Histories as files: what names a machine, and stack traces, are left out; a replay needs neither. */
import { ENGINE_VERSION } from '../../src/core/limits.js';
import { temporal } from '@temporalio/proto';
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';

const { History } = temporal.api.history.v1;
export type History = temporal.api.history.v1.IHistory;

/** Histories of this version of the engine; those of older versions stay in folders beside it. */
export const RECORDED_VERSION = `v${ENGINE_VERSION}`;

const folder = fileURLToPath(new URL('./', import.meta.url));

export interface RecordedHistory {
  /** `v1/sequential.1.json`. */
  readonly file: string;
  readonly history: History;
}

export async function readRecordedHistories(): Promise<readonly RecordedHistory[]> {
  const names = await readdir(folder, { recursive: true });
  const files = names.filter((name) => /^v\d+[\\/].+\.json$/.test(name)).sort();
  return Promise.all(
    files.map(async (file) => ({
      file,
      history: History.fromObject(JSON.parse(await readFile(`${folder}${file}`, 'utf8')) as object),
    })),
  );
}

/** Keeps a history as JSON: numbers of 64 bits and names of enums as text, bytes in base64. */
export async function writeRecordedHistory(name: string, history: History): Promise<void> {
  const plain = History.toObject(History.fromObject(history), {
    longs: String,
    enums: String,
    bytes: String,
  });
  await mkdir(`${folder}${RECORDED_VERSION}`, { recursive: true });
  await writeFile(`${folder}${RECORDED_VERSION}/${name}.json`, `${JSON.stringify(plain, anonymous)}\n`);
}

const NAMES_A_MACHINE = new Set(['identity', 'stackTrace', 'binaryChecksum', 'requestId']);

function anonymous(key: string, value: unknown): unknown {
  if (NAMES_A_MACHINE.has(key)) return undefined;
  return key === 'taskQueue' ? { name: 'chatflow', kind: 'TASK_QUEUE_KIND_NORMAL' } : value;
}
