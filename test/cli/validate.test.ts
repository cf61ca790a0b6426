/** `chatflow validate` on files that refer to others. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { runCli } from '../../src/surfaces/cli/run-cli.js';
import { fakeIo } from './fake-io.js';

let folder = '';

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'chatflow-validate-'));
});

afterEach(async () => {
  await rm(folder, { recursive: true, force: true });
});

async function write(file: string, name: string, child: string): Promise<void> {
  const text = `name: ${name}\nversion: "1.0"\nphases: [{ name: a, subworkflow: ${child} }]\n`;
  await writeFile(join(folder, file), text);
}

async function validate(...files: string[]) {
  const io = fakeIo({ cwd: folder });
  const dependencies = { startWorker: () => Promise.reject(new Error('no worker')), version: '0' };
  const code = await runCli(['validate', ...files], io, dependencies);
  return { code, out: io.out() };
}

describe('validate', () => {
  test('warns of a subworkflow that it finds nowhere, and says where it looked', async () => {
    await write('a.yaml', 'a', 'helpr');
    await write('helper@v2.yaml', 'helper', 'a');
    const { code, out } = await validate('a.yaml');
    expect(code).toBe(0);
    expect(out).toMatch(/a\.yaml:3:\d+ warning unknown-subworkflow .*did you mean `helper`\? looked in \., /);
    expect(out).toContain('a.yaml: ok');
  });

  test('knows the definitions beside a file, and the others that are given', async () => {
    await write('a.yaml', 'a', 'helper@2');
    await write('helper@v2.yaml', 'helper', 'named-otherwise');
    await write('c.yaml', 'named-otherwise', 'a@1.0');
    const { code, out } = await validate('a.yaml', 'helper@v2.yaml', 'c.yaml');
    expect([code, out]).toEqual([0, 'a.yaml: ok\nhelper@v2.yaml: ok\nc.yaml: ok\n']);
  });
});
