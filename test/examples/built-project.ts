import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';

/** The checkout that the tests run in. */
export const PROJECT_ROOT = resolve(import.meta.dirname, '../..');

/** For tests that start the product's own processes. `npm test` builds before it tests. */
export function expectBuilt(): void {
  const entry = join(PROJECT_ROOT, 'dist/src/surfaces/cli/main.js');
  if (!existsSync(entry)) throw new Error(`${entry} is not there: run "npm run build" first`);
}
