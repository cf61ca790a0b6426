/** What `chatflow doctor` looks at. A check that needs what an earlier one found missing is left out. */
import { randomBytes } from 'node:crypto';
import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { readWorkerPoll } from '../../client/worker-poll.js';
import { ChatFlowError } from '../../core/errors.js';
import type { ErrorName } from '../../core/errors.js';
import { loadConfig } from '../../platform/config.js';
import type { ChatFlowConfig } from '../../platform/config.js';
import { silentLogger } from '../../platform/logging.js';
import { makeFolders } from '../../platform/make-folders.js';
import { checkSearchAttributes } from '../../platform/search-attributes.js';
import { findServerBinary } from '../../platform/server-binary.js';
import { connectTemporal } from '../../platform/temporal-connection.js';
import type { CliIo } from './cli-io.js';

export interface Finding {
  readonly name: string;
  readonly status: 'ok' | 'fail';
  /** What was found; where it fails, the way out too. */
  readonly message: string;
  readonly error?: ErrorName;
}

const LEAST_NODE = [20, 19] as const;
/** A worker's poll waits for a minute at most; one that has not polled for longer has ended. */
const POLL_MS = 70_000;

export async function examine(io: CliIo): Promise<readonly Finding[]> {
  const findings: Finding[] = [await check('node', () => checkNode())];
  let config: ChatFlowConfig | undefined;
  findings.push(
    await check('configuration', () => {
      config = loadConfig({ env: io.env, cwd: io.cwd });
      return config.file ?? 'defaults (no chatflow.config.yaml)';
    }),
  );
  const { data_dir: dataDir } = config ?? {};
  if (dataDir !== undefined) findings.push(await check('data directory', () => checkWritable(dataDir)));
  findings.push(await check('temporal binary', () => findServerBinary({ env: io.env, log: silentLogger })));
  return [...findings, ...(await examineTemporal())];
}

async function examineTemporal(): Promise<readonly Finding[]> {
  let connected: Awaited<ReturnType<typeof connectTemporal>> | undefined;
  const server = await check('temporal server', async () => {
    connected = await connectTemporal();
    return connected.address;
  });
  if (connected === undefined) return [server];
  const { connection, namespace } = connected;
  try {
    const found = await check('namespace', async () => {
      await connection.workflowService.describeNamespace({ namespace });
      return namespace;
    });
    if (found.status === 'fail') return [server, found];
    const attributes = await check('search attributes', async () => {
      await checkSearchAttributes(connection, namespace);
      return 'all are registered';
    });
    const worker = await check('worker', async () =>
      describePoll(await readWorkerPoll(connection, namespace)),
    );
    return [server, found, attributes, worker];
  } finally {
    await connection.close();
  }
}

async function check(name: string, look: () => string | Promise<string>): Promise<Finding> {
  try {
    return { name, status: 'ok', message: await look() };
  } catch (error) {
    if (error instanceof ChatFlowError)
      return { name, status: 'fail', message: error.message, error: error.type };
    const message = error instanceof Error ? error.message : String(error);
    return { name, status: 'fail', message, error: 'TemporalUnavailableError' };
  }
}

function checkNode(): string {
  const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
  const [leastMajor, leastMinor] = LEAST_NODE;
  if (major > leastMajor || (major === leastMajor && minor >= leastMinor)) return process.version;
  throw new ChatFlowError(
    'ConfigurationError',
    `${process.version} is too old: install Node.js ${LEAST_NODE.join('.')} or newer`,
  );
}

async function checkWritable(folder: string): Promise<string> {
  const probe = join(folder, `.doctor-${randomBytes(4).toString('hex')}`);
  try {
    await makeFolders(folder);
    await writeFile(probe, '');
    await rm(probe);
    return folder;
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new ChatFlowError(
      'ConfigurationError',
      `${folder} can't be written (${reason}): set data_dir or CHATFLOW_DATA_DIR to a folder of yours`,
    );
  }
}

function describePoll(lastPoll: number | null): string {
  if (lastPoll !== null && Date.now() - lastPoll < POLL_MS) {
    return `polled ${Math.round((Date.now() - lastPoll) / 1000)} s ago`;
  }
  const since = lastPoll === null ? '' : ` since ${new Date(lastPoll).toISOString()}`;
  throw new ChatFlowError(
    'WorkerUnavailableError',
    `none has polled${since}: start one with "chatflow up" or "chatflow worker"`,
  );
}
