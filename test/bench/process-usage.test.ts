import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { afterEach, describe, expect, it } from 'vitest';
import { readCpuMs, readRssBytes } from '../../bench/process-usage.js';

describe('what the kernel says of a process', () => {
  const stops: (() => Promise<void>)[] = [];
  afterEach(async () => {
    for (const stop of stops.splice(0)) await stop();
  });

  async function run(code: string): Promise<number> {
    const child = spawn(process.execPath, ['-e', code], { stdio: ['ignore', 'pipe', 'inherit'] });
    stops.push(async () => {
      child.kill();
      if (child.exitCode === null && child.signalCode === null) await once(child, 'exit');
    });
    await once(child.stdout, 'data');
    if (child.pid === undefined) throw new Error('no process');
    return child.pid;
  }

  it('counts the processor time of a process that works, and of no other', async () => {
    const busy = await run(
      'const end = Date.now() + 400; while (Date.now() < end); console.log(1); setInterval(() => {}, 1e6)',
    );
    expect(readCpuMs(busy)).toBeGreaterThan(50);
    expect(readCpuMs(busy)).toBeLessThan(10_000);
  });

  it('sees the memory that a process holds', async () => {
    const large = await run(
      'globalThis.kept = Buffer.alloc(200e6, 1); console.log(1); setInterval(() => {}, 1e6)',
    );
    expect(readRssBytes(large)).toBeGreaterThan(200e6);
  });
});
