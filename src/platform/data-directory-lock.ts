/**
 * One `chatflow up` a data directory.
 *
 * L1 Each contender puts down a claim of its own, a file with a name nobody else has, and goes on only once it sees no
 *    other live claim. Of two contenders the later to look sees the other, so two can't both go on.
 * L2 Of two that see each other the one with the lower name waits for the other to leave; the other leaves at once.
 * L3 A claim of a process that has ended (`kill -9`) is deleted by whoever sees it. Its name is never used again, so
 *    nobody can delete a live claim by mistake.
 */
import { randomBytes } from 'node:crypto';
import { readFile, readdir, rename, rm, writeFile } from 'node:fs/promises';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { z } from 'zod';
import { ChatFlowError } from '../core/errors.js';
import { makeFolders } from './make-folders.js';
import { processIdentity } from './process-identity.js';

const SETTLE_DEADLINE_MS = 3_000;
const LOOK_AGAIN_MS = 20;

const claimSchema = z.object({
  pid: z.int(),
  identity: z.string(),
  host: z.string(),
  started_at: z.string(),
  /** True once its owner has gone on. */
  held: z.boolean(),
});

type Claim = z.infer<typeof claimSchema>;

interface NamedClaim extends Claim {
  readonly name: string;
}

/** A lock that is held until released, or until its process ends. */
export interface DataDirectoryLock {
  /** Idempotent. */
  release(): Promise<void>;
}

/**
 * Takes the lock on a data directory, which it makes where there is none.
 * @throws ChatFlowError DataDirectoryInUseError, which names the process that has it
 */
export async function lockDataDirectory(dataDir: string): Promise<DataDirectoryLock> {
  const folder = join(dataDir, 'locks');
  await makeFolders(folder);
  const name = `${randomBytes(8).toString('hex')}.json`;
  const claim: Claim = {
    pid: process.pid,
    identity: (await processIdentity(process.pid)) ?? '',
    host: hostname(),
    started_at: new Date().toISOString(),
    held: false,
  };
  const release = (): Promise<void> => rm(join(folder, name), { force: true });
  await writeClaim(folder, name, claim);
  try {
    await waitUntilAlone(dataDir, folder, name);
    await writeClaim(folder, name, { ...claim, held: true });
  } catch (error) {
    await release();
    throw error;
  }
  return { release };
}

async function waitUntilAlone(dataDir: string, folder: string, name: string): Promise<void> {
  const deadline = Date.now() + SETTLE_DEADLINE_MS;
  for (;;) {
    const others = await liveClaims(folder, name);
    if (others.length === 0) return;
    const winner = others.find((other) => other.held || other.name < name) ?? null;
    if (winner !== null || Date.now() > deadline) throw inUse(dataDir, folder, winner ?? others[0]!);
    await delay(LOOK_AGAIN_MS);
  }
}

async function liveClaims(folder: string, own: string): Promise<readonly NamedClaim[]> {
  const names = (await readdir(folder)).filter((name) => name.endsWith('.json') && name !== own);
  const claims = await Promise.all(names.map((name) => readClaim(folder, name)));
  return claims.filter((claim) => claim !== null);
}

async function readClaim(folder: string, name: string): Promise<NamedClaim | null> {
  const path = join(folder, name);
  const text = await readFile(path, 'utf8').catch(() => null);
  if (text === null) return null;
  const parsed = claimSchema.safeParse(parseJson(text));
  if (parsed.success && (await isLive(parsed.data))) return { ...parsed.data, name };
  await rm(path, { force: true });
  return null;
}

/** A process on another machine, over a shared folder, can't be asked: it counts as alive. */
async function isLive(claim: Claim): Promise<boolean> {
  if (claim.host !== hostname()) return true;
  return (await processIdentity(claim.pid)) === claim.identity;
}

/** By a rename, so that nobody reads half a claim. */
async function writeClaim(folder: string, name: string, claim: Claim): Promise<void> {
  const staged = join(folder, `${name}.${process.pid}.tmp`);
  await writeFile(staged, JSON.stringify(claim));
  await rename(staged, join(folder, name));
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null; // No claim of ours: they are written whole.
  }
}

function inUse(dataDir: string, folder: string, other: NamedClaim): ChatFlowError {
  const elsewhere = other.host !== hostname();
  return new ChatFlowError(
    'DataDirectoryInUseError',
    `The data directory ${dataDir} is in use by another \`chatflow up\`: process ${other.pid}` +
      `${elsewhere ? ` on ${other.host}` : ''}, started ${other.started_at}. ` +
      (elsewhere
        ? `If that one has ended, delete ${join(folder, other.name)}; else choose another --data-dir`
        : 'End that one, or choose another --data-dir'),
    { data_dir: dataDir, pid: other.pid, host: other.host },
  );
}
