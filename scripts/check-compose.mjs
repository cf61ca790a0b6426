/**
 * Checks docker-compose.temporal.yml against the schema of the Compose specification, which check-jsonschema carries.
 * It comes from PyPI into a virtual environment under node_modules/.cache; where that can't be had, the check is
 * skipped, loudly (test/platform/docker-compose.test.ts checks what we promise about the file either way).
 */
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const TOOL = 'check-jsonschema==0.39.0';
const root = fileURLToPath(new URL('..', import.meta.url));
const venv = `${root}node_modules/.cache/chatflow/${TOOL}`;
const bin = process.platform === 'win32' ? 'Scripts' : 'bin';
const checker = `${venv}/${bin}/check-jsonschema`;

if (!existsSync(checker) && !install()) {
  console.error(
    `SKIPPED: the Compose schema check, since ${TOOL} could not be installed (Python with venv and pip).`,
  );
  process.exit(0);
}
execFileSync(checker, ['--builtin-schema', 'vendor.compose-spec', `${root}docker-compose.temporal.yml`], {
  stdio: 'inherit',
});

function install() {
  try {
    mkdirSync(venv, { recursive: true });
    execFileSync('python3', ['-m', 'venv', venv], { stdio: 'inherit' });
    execFileSync(`${venv}/${bin}/pip`, ['install', '--quiet', '--disable-pip-version-check', TOOL], {
      stdio: 'inherit',
    });
    return existsSync(checker);
  } catch (error) {
    console.error(String(error));
    return false;
  }
}
