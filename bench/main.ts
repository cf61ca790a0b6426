/** `npm run bench`: one JSON document on stdout, words on stderr. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { inspect } from 'node:util';
import { createLogger } from '../src/platform/logging.js';
import { installTemporalLogger } from '../src/platform/temporal-logging.js';
import { USAGE, parseOptions, type BenchOptions } from './options.js';
import { say } from './progress.js';
import { runBench } from './run-bench.js';
import type { Cleanups } from './test-bed.js';

const EXIT = { measured: 0, failed: 1, usage: 2 } as const;

// Not `exitCode`: whatever a failure left open must not hold the end up.
process.exit(await main(process.argv.slice(2)));

async function main(args: readonly string[]): Promise<number> {
  let options: BenchOptions | null;
  try {
    options = parseOptions(args);
  } catch (error) {
    say(`${error instanceof Error ? error.message : String(error)}\n\n${USAGE}`);
    return EXIT.usage;
  }
  if (options === null) {
    process.stdout.write(USAGE);
    return EXIT.measured;
  }
  installTemporalLogger(createLogger({ level: 'warn' }), { shutdownSignals: [] });
  return runInFolder(options);
}

async function runInFolder(options: BenchOptions): Promise<number> {
  const dataDir = await mkdtemp(join(tmpdir(), 'chatflow-bench-'));
  const cleanups: Cleanups = [() => rm(dataDir, { recursive: true, force: true })];
  const cleanUp = async (): Promise<void> => {
    for (let last = cleanups.pop(); last !== undefined; last = cleanups.pop()) await last();
  };
  process.once('SIGINT', () => void cleanUp().finally(() => process.exit(130)));
  process.once('SIGTERM', () => void cleanUp().finally(() => process.exit(143)));
  try {
    const document = await runBench(options, dataDir, cleanups);
    process.stdout.write(`${JSON.stringify(document, null, 2)}\n`);
    if (!document.passed) say(`Out of reach: ${document.misses.join(', ')}`);
    return options.gate && !document.passed ? EXIT.failed : EXIT.measured;
  } catch (error) {
    say(`The bench failed: ${inspect(error)}`);
    return EXIT.failed;
  } finally {
    await cleanUp();
  }
}
