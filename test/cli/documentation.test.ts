import { execFile } from 'node:child_process';
import { cpSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { COMMANDS } from '../../src/surfaces/cli/commands.js';
import { startEngine } from '../client/start-engine.js';
import type { TestEngine } from '../client/start-engine.js';
import { PROJECT_ROOT, expectBuilt } from '../examples/built-project.js';
import { readMarkdownBlocks } from '../examples/markdown-blocks.js';
import { temporaryFolder } from '../support/temporary-folder.js';
import { CHATFLOW, cliEnvironment } from './run-chatflow.js';

const page = readFileSync(join(PROJECT_ROOT, 'docs', 'cli.md'), 'utf8');

let setup: TestEngine;

beforeAll(async () => {
  expectBuilt();
  setup = await startEngine();
});

afterAll(async () => {
  await setup?.stop();
});

test('every command on the page does what it says', { timeout: 300_000 }, async () => {
  const folder = temporaryFolder();
  cpSync(join(PROJECT_ROOT, 'examples'), join(folder, 'examples'), { recursive: true });
  mkdirSync(join(folder, 'bin'));
  writeFileSync(
    join(folder, 'bin', 'chatflow'),
    `#!/bin/sh\nexec "${process.execPath}" "${CHATFLOW}" "$@"\n`,
    {
      mode: 0o755,
    },
  );
  const script = readMarkdownBlocks(page)
    .filter((block) => block.mark === 'run')
    .map((block) => block.text)
    .join('\n');
  const env = cliEnvironment(setup);
  const failure = await new Promise<string | null>((resolve) => {
    execFile(
      'bash',
      ['-euxo', 'pipefail', '-c', script],
      { cwd: folder, env: { ...env, PATH: `${join(folder, 'bin')}:${env['PATH'] ?? ''}` } },
      (error, stdout, stderr) => resolve(error === null ? null : `${stdout}\n${stderr}`),
    );
  });
  expect(failure).toBeNull();
});

test('every command stands on the page', () => {
  for (const { name } of COMMANDS) expect(page).toMatch(new RegExp(`\`${name}\\b|chatflow ${name}\\b`));
});
