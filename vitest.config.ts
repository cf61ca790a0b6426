import { defineConfig } from 'vitest/config';

/** Folders whose tests need no server: tables and properties that run in milliseconds. */
const PURE = ['test/{json,expression,definition,core,conformance}/**/*.test.ts'];
/** What replaces a module for a whole file must not be met by other files. */
const MOCKED = ['test/**/*.mocked.test.ts'];

export default defineConfig({
  test: {
    // One more than the smallest machine that CI has cores: most tests wait for a server now and then.
    maxWorkers: 3,
    pool: 'forks',
    coverage: {
      provider: 'v8',
      include: ['src/{json,expression,definition,core}/**/*.ts'],
      reporter: ['text-summary', 'html'],
      thresholds: { 'src/core/**/*.ts': { lines: 90, functions: 90, branches: 80, statements: 90 } },
    },
    projects: [
      {
        test: {
          name: 'core',
          include: PURE,
          // Modules keep nothing between files: they are loaded once a process.
          isolate: false,
          // A bound on hanging, not on speed: tests that are about time measure it themselves.
          testTimeout: 120_000,
        },
      },
      {
        test: {
          name: 'server',
          include: ['test/**/*.test.ts'],
          exclude: [...PURE, ...MOCKED, 'node_modules/**'],
          // Temporal's SDK takes a second to load: once a process, not once a file.
          isolate: false,
          globalSetup: ['test/support/global-setup.ts'],
          testTimeout: 120_000,
          hookTimeout: 120_000,
        },
      },
      { test: { name: 'mocked', include: MOCKED } },
    ],
  },
});
