import { Command, CommanderError } from 'commander';
import { coloursFor } from './colours.js';
import type { CliCommand, CliDependencies, CommandContext, Options } from './cli-command.js';
import type { CliIo } from './cli-io.js';
import { COMMANDS } from './commands.js';
import { addHelpCommand } from './help-command.js';
import { openLazily } from './open-lazily.js';
import { Output } from './output.js';
import { withProgress } from './progress.js';
import { refuseStdinTwice } from './refuse-stdin-twice.js';
import { reportError, reportUsage } from './report-error.js';

/**
 * Runs one command line.
 *
 * @param argv the words after the program's name
 * @returns the exit code: 0 success, 1 failure or refusal, 2 wrong usage, 3 not found, 4 not allowed, 5 invalid
 *   definition or input, 6 Temporal can't be reached
 */
export async function runCli(
  argv: readonly string[],
  io: CliIo,
  dependencies: CliDependencies,
): Promise<number> {
  let exitCode = 0;
  const json = asksForJson(argv);
  const setExitCode = (code: number): void => {
    exitCode = code;
  };
  const said: string[] = [];
  const say = (text: string): unknown => (json ? said.push(text) : io.stdout.write(text));
  const program = createProgram({ io, dependencies, setExitCode, json, say });
  try {
    await program.parseAsync([...argv], { from: 'user' });
    return exitCode;
  } catch (error) {
    if (!(error instanceof CommanderError)) return reportError(io, error, json);
    if (error.exitCode !== 0) return reportUsage(io, error, json);
    if (json) printSaid(io, error.code, said.join(''));
    return 0;
  }
}

/** Also where the rest of the line can't be understood. */
function asksForJson(argv: readonly string[]): boolean {
  const end = argv.indexOf('--');
  return argv.slice(0, end === -1 ? argv.length : end).includes('--json');
}

/** The help or the version as one document. */
function printSaid(io: CliIo, code: string, text: string): void {
  const document = code === 'commander.version' ? { version: text.trim() } : { help: text };
  io.stdout.write(`${JSON.stringify(document)}\n`);
}

type SetExitCode = (code: number) => void;

function createProgram(wiring: Wiring): Command {
  const program = new Command('chatflow')
    .description('Durable AI-agent workflows on Temporal: a YAML definition that agents and people advance.')
    .version(wiring.dependencies.version)
    .showSuggestionAfterError(true)
    .addHelpText('after', OVERVIEW);
  configure(program, wiring);
  configure(addHelpCommand(program), wiring);
  for (const command of COMMANDS) addCommand(program, command, wiring);
  return program;
}

const OVERVIEW = `
Temporal's address comes from its own environment configuration: TEMPORAL_ADDRESS, TEMPORAL_NAMESPACE, temporal.toml.
Exit codes: 0 ok, 1 failed or refused, 2 wrong usage, 3 not found, 4 not allowed, 5 invalid, 6 unreachable.

Examples:
  $ chatflow up
  $ chatflow start examples/hello.yaml --feature demo
  $ chatflow tasks`;

interface Wiring {
  readonly io: CliIo;
  readonly dependencies: CliDependencies;
  readonly setExitCode: SetExitCode;
  readonly json: boolean;
  /** Takes help and version. */
  readonly say: (text: string) => unknown;
}

function addCommand(program: Command, definition: CliCommand, wiring: Wiring): void {
  const command = program.command(definition.name).summary(definition.summary);
  command.description(definition.summary).helpGroup(`${definition.group}:`);
  definition.define?.(command);
  command.option('--json', 'print one JSON document on stdout');
  const examples = definition.examples.map((example) => `  $ ${example}`).join('\n');
  command.addHelpText('after', `\nExamples:\n${examples}`);
  configure(command, wiring);
  command.action(async () => {
    const options: Options = command.opts();
    refuseStdinTwice(command);
    wiring.setExitCode(await runCommand(definition, command.processedArgs as unknown[], options, wiring));
  });
}

async function runCommand(
  definition: CliCommand,
  args: readonly unknown[],
  options: Options,
  { io, dependencies }: Wiring,
): Promise<number> {
  const lazy = openLazily();
  const context: CommandContext = {
    io,
    out: new Output(io, options['json'] === true),
    dependencies,
    engine: lazy.engine,
    wait: (label, work) => withProgress(io, label, work),
  };
  try {
    const words = args.flat().filter((word): word is string => typeof word === 'string');
    return (await definition.run(context, words, options)) ?? 0;
  } finally {
    await lazy.close();
  }
}

/** Help through our streams; usage errors as exceptions, which `runCli` reports, in place of `process.exit`. */
function configure(command: Command, { io, json, say }: Wiring): void {
  command.exitOverride();
  command.configureOutput({
    writeOut: say,
    // The overview, where no command was named: for people.
    writeErr: (text) => (json ? undefined : io.stderr.write(text)),
    outputError: () => undefined,
    getOutHasColors: () => !json && coloursFor(io.stdout, io.env).isColorSupported,
    getErrHasColors: () => coloursFor(io.stderr, io.env).isColorSupported,
    ...(io.stdout.columns !== undefined && { getOutHelpWidth: () => io.stdout.columns ?? 80 }),
  });
}
