import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { beforeAll, describe, expect, it } from 'vitest';

const MAIN = fileURLToPath(new URL('../../dist/bench/main.js', import.meta.url));
const run = promisify(execFile);

interface Document {
  readonly [key: string]: unknown;
}

/** The figure at a path of keys; undefined where there is none. */
function at(document: unknown, path: string): unknown {
  return path.split('.').reduce<unknown>((value, key) => (value as Document | undefined)?.[key], document);
}

describe('the bench, in small', () => {
  let document: Document;
  let words = '';

  beforeAll(async () => {
    if (!existsSync(MAIN)) throw new Error('The bench is not built: run `npm run build` first');
    const { stdout, stderr } = await run(process.execPath, [MAIN, '--quick'], {
      maxBuffer: 16 * 1024 * 1024,
    });
    document = JSON.parse(stdout) as Document; // throws where anything but one JSON document stands on stdout
    words = stderr;
  }, 300_000);

  it('measures every figure that docs/performance.md promises', () => {
    const modes = ['update', 'signal'];
    const paths = modes.flatMap((mode) => [
      ...['throughput_ratio', 'p50_ratio', 'p99_ratio'].map((key) => `memory.crowded.${mode}.${key}`),
      ...['ours', 'bare'].flatMap((side) => [
        `memory.crowded.${mode}.${side}.steps_per_second`,
        `memory.alone.${mode}.${side}.p50_ms`,
        `history.${mode}.together.${side}.events_per_step`,
        `history.${mode}.apart.${side}.bytes_per_step`,
      ]),
      `memory.alone.${mode}.p50_ratio`,
      `file.crowded.${mode}.throughput_ratio`,
      `file.crowded.${mode}.file_over_memory`,
    ]);
    const trees = [
      'throughput.tree_throughput_ratio',
      'child_events.ours.events',
      'leaves_under_one_child.growth',
    ];
    const sizes = [0].flatMap((size) =>
      ['nodes', 'query_p50_ms', 'terminate_sec.ours', 'terminate_sec.bare'].map(
        (key) => `sizes.${size}.${key}`,
      ),
    );
    paths.push(...[...trees, ...sizes].map((path) => `trees.${path}`));
    paths.push('replay.ours.ms_per_event', 'replay.bare.ms_per_event', 'batch.batch_over_single');
    paths.push(
      'transition.calls_per_second',
      'worker_memory.ours.idle_rss_mb',
      'worker_memory.bare.idle_rss_mb',
    );
    const missing = paths.filter((path) => !((at(document, path) as number) > 0));
    expect(missing).toEqual([]);
  });

  it('counts five events a step by update and four by signal, and one more at the close', () => {
    expect(at(document, 'history.update.together.bare.events_per_step')).toBe(5.2);
    expect(at(document, 'history.signal.together.bare.events_per_step')).toBe(4.2);
  });

  it('counts three events a child in its parent, for both sides, and leaves out what is too large', () => {
    expect(at(document, 'trees.child_events.bare.events')).toBe(3);
    expect(at(document, 'trees.child_events.events_more')).toBe(0);
    expect(at(document, 'trees.sizes.length')).toBe(1);
  });

  it('has the bound of a figure beside it, and lists those that miss', () => {
    expect(at(document, 'memory.crowded.update.reach.throughput_ratio')).toMatchObject({ at_least: 0.95 });
    expect(at(document, 'worker_memory.reach.memory_ratio')).toMatchObject({ at_most: 1.3 });
    expect(document['passed']).toBe((document['misses'] as readonly string[]).length === 0);
  });

  it('writes its words to stderr', () => {
    expect(words).toContain('memory: many in flight');
  });

  it('refuses wrong usage with 2, and says what is right', async () => {
    const failure = await run(process.execPath, [MAIN, '--turbo']).catch((error: unknown) => error);
    expect(failure).toMatchObject({ code: 2, stdout: '' });
    expect((failure as { readonly stderr: string }).stderr).toContain('--rounds');
  });
});
