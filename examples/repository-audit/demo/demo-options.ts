import { existsSync } from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';

/** What the demo was asked to do. Paths are absolute. */
export interface DemoOptions {
  /** The checkout of this project. */
  readonly projectRoot: string;
  /** The tree to audit. */
  readonly treePath: string;
  readonly dataDir: string;
  readonly reportPath: string;
  /** Preferred port of the server; another is taken where it is in use. */
  readonly port: number;
  /** Ask on the terminal instead of granting the approval. */
  readonly interactive: boolean;
  /** Hold everything up at the end, with a second audit to drive by hand. */
  readonly keep: boolean;
}

/** The usage text, for `--help` and for wrong arguments. */
export const USAGE = `Usage: npm run demo [-- [PATH] [--interactive] [--keep] [--port N] [--data-dir DIR] [--report FILE]]

Audits a source tree (default: this project's own) with a durable workflow and real agents.

  --interactive   ask on the terminal whether the report may be written
  --keep          hold the server up at the end, with a second audit to drive by hand
  --port N        port of the server (default 7233, or a free one); its Web UI takes N + 1000
  --data-dir DIR  where state is kept (default .chatflow/demo)
  --report FILE   where the report is written (default chatflow-report/repository-audit.md in this folder)`;

/** The demo was called with arguments that make no sense; nothing has been started. */
export class DemoUsageError extends Error {
  override readonly name = 'DemoUsageError';
}

/** Reads the command line. Null: help was asked for. @throws DemoUsageError */
export function readDemoOptions(argv: readonly string[]): DemoOptions | null {
  const { values, positionals } = parseArguments(argv);
  if (values.help) return null;
  const projectRoot = findProjectRoot(dirname(fileURLToPath(import.meta.url)));
  // npm runs scripts in the project's folder; a path is meant from where it was typed.
  const typedIn = process.env['INIT_CWD'] ?? process.cwd();
  const treePath = positionals[0] === undefined ? projectRoot : resolve(typedIn, positionals[0]);
  if (positionals.length > 1) throw new DemoUsageError(`One path at most, not ${String(positionals.length)}`);
  return {
    projectRoot,
    treePath,
    dataDir: resolve(typedIn, values['data-dir'] ?? join(projectRoot, '.chatflow', 'demo')),
    reportPath: resolve(typedIn, values.report ?? join('chatflow-report', 'repository-audit.md')),
    port: readPort(values.port),
    interactive: values.interactive,
    keep: values.keep,
  };
}

function parseArguments(argv: readonly string[]) {
  try {
    return parseArgs({
      args: [...argv],
      allowPositionals: true,
      options: {
        interactive: { type: 'boolean', default: false },
        keep: { type: 'boolean', default: false },
        port: { type: 'string', default: '7233' },
        'data-dir': { type: 'string' },
        report: { type: 'string' },
        help: { type: 'boolean', short: 'h', default: false },
      },
    });
  } catch (error) {
    throw new DemoUsageError(error instanceof Error ? error.message : String(error), { cause: error });
  }
}

function readPort(text: string): number {
  const port = Number(text);
  if (!Number.isInteger(port) || port < 1 || port > 64_535)
    throw new DemoUsageError(`--port ${text} is no port below 64536`);
  return port;
}

/** The nearest folder above that holds the project, whether this runs from dist or from the sources. */
function findProjectRoot(from: string): string {
  for (let folder = from; ; folder = dirname(folder)) {
    if (existsSync(join(folder, 'package.json')) && existsSync(join(folder, 'examples'))) {
      if (basename(folder) !== 'dist') return folder;
    }
    if (folder === dirname(folder)) throw new Error(`${from} lies in no checkout of the project`);
  }
}
