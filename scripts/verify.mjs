/**
 * All that CI checks besides the tests, cheap first; stops at the first failure. `npm run verify -- lint knip` runs
 * some of them only.
 */
import { spawnSync } from 'node:child_process';

const steps = {
  typecheck: 'npm run --silent typecheck',
  deps: 'npm run --silent deps:check',
  knip: 'npm run --silent dead:check',
  schema: 'npm run --silent schema:check',
  compose: 'node scripts/check-compose.mjs',
  lint: 'npm run --silent lint',
  coverage: 'npm run --silent coverage',
  audit: 'node scripts/audit.mjs',
};

const wanted = process.argv.slice(2);
const unknown = wanted.filter((name) => !Object.hasOwn(steps, name));
if (unknown.length > 0) {
  console.error(`unknown: ${unknown.join(', ')}; there are: ${Object.keys(steps).join(', ')}`);
  process.exit(2);
}
for (const [name, command] of Object.entries(steps)) {
  if (wanted.length > 0 && !wanted.includes(name)) continue;
  console.error(`\n== ${name}: ${command}`);
  const start = performance.now();
  const { status } = spawnSync(command, { shell: true, stdio: 'inherit' });
  const seconds = ((performance.now() - start) / 1000).toFixed(1);
  console.error(`== ${name} ${status === 0 ? 'passed' : 'FAILED'} in ${seconds} s`);
  if (status !== 0) process.exit(1);
}
