import { execFile } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { loadConfig } from '../../src/platform/config.js';
import { COMMANDS } from '../../src/surfaces/cli/commands.js';
import { startEngine } from '../client/start-engine.js';
import type { TestEngine } from '../client/start-engine.js';
import { PROJECT_ROOT, expectBuilt } from '../examples/built-project.js';
import { readMarkdownBlocks } from '../examples/markdown-blocks.js';
import { temporaryFolder } from '../support/temporary-folder.js';
import { CHATFLOW, cliEnvironment } from './run-chatflow.js';

const EXAMPLES = join(PROJECT_ROOT, 'examples');

const readPage = (name: string): string => readFileSync(join(PROJECT_ROOT, 'docs', name), 'utf8');

let dataDir: string;
let setup: TestEngine;

beforeAll(async () => {
  expectBuilt();
  // The worker of the pages' reader: started in the checkout, it finds the children of examples among them.
  const env = { CHATFLOW_DEFINITIONS: JSON.stringify([EXAMPLES]) };
  dataDir = mkdtempSync(join(tmpdir(), 'chatflow-test-pages-'));
  setup = await startEngine(loadConfig({ cwd: dataDir, env }));
});

afterAll(async () => {
  await setup?.stop();
  rmSync(dataDir, { recursive: true, force: true });
});

const PAGES = ['cli.md', 'trees.md'];

test.each(PAGES)('every command in docs/%s does what it says', { timeout: 300_000 }, async (name) => {
  const folder = temporaryFolder();
  cpSync(EXAMPLES, join(folder, 'examples'), { recursive: true });
  mkdirSync(join(folder, 'bin'));
  writeFileSync(
    join(folder, 'bin', 'chatflow'),
    `#!/bin/sh\nexec "${process.execPath}" "${CHATFLOW}" "$@"\n`,
    {
      mode: 0o755,
    },
  );
  const script = readMarkdownBlocks(readPage(name))
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

test('every command stands in docs/cli.md', () => {
  const page = readPage('cli.md');
  for (const { name } of COMMANDS) expect(page).toMatch(new RegExp(`\`${name}\\b|chatflow ${name}\\b`));
});
