/**
 * The activity `chatflow.command`: a program that the configuration allows, its arguments as they are, no shell. It runs
 * as the worker's user and may read what that one may, the worker's own environment included: so every secret of the
 * worker's is blotted out of what it wrote.
 */
import { ChatFlowError } from '../core/errors.js';
import { checkJson } from '../json/check-json.js';
import { isJsonObject, type Json } from '../json/json.js';
import type { ActivityDependencies } from './activity-dependencies.js';
import { withinLifetime } from './activity-lifetime.js';
import type { CommandActivityInput, CommandActivityResult } from './activity-types.js';
import { listEnvironmentSecrets } from './environment-secrets.js';
import { checkAllowed, findFolder, findProgram } from './find-program.js';
import { refuseDisabled } from './refuse-disabled.js';
import { runProgram, type ProgramCall, type ProgramOutcome, type Tail } from './run-program.js';
import { createRedactor, type Redactor } from './secrets.js';

type Environment = Readonly<Record<string, string | undefined>>;

/** What a program sees of the worker's environment, secrets kept out. */
const PASSED_ON = /^(PATH|HOME|USER|LOGNAME|SHELL|LANG|LC_[A-Z]+|TZ|TMPDIR|TERM)$/;
const ENV_NAME = /^[A-Za-z_][A-Za-z0-9_]*$/;
/** Would make another program of the allowed one. */
const NOT_SETTABLE =
  /^(PATH|LD_.*|DYLD_.*|IFS|ENV|BASH_ENV|SHELLOPTS|NODE_OPTIONS|NODE_PATH|PYTHON.*|PERL5.*|RUBY.*|JAVA_TOOL_OPTIONS|GIT_(EXEC_PATH|SSH.*|ASKPASS|EDITOR|PAGER|EXTERNAL_DIFF|PROXY_COMMAND|CONFIG.*)|EDITOR|PAGER)$/;
const DEFAULT_GRACE_MS = 5000;
/** Characters of each output that a failure carries: failures stay in the instance's state. */
const FAILURE_CHARS = 8192;

function refuse(message: string, field: string): never {
  throw new ChatFlowError('InvalidInputError', message, { field });
}

function checkText(value: unknown, field: string): string {
  if (typeof value === 'string' && !value.includes('\0')) return value;
  if (typeof value === 'number' || typeof value === 'boolean') return String(value);
  refuse(`${field} must be a text without NUL`, field);
}

function checkArguments(command: unknown): readonly [string, ...string[]] {
  const list: readonly unknown[] = Array.isArray(command) ? command : [];
  const [program, ...args] = list.map((item) => checkText(item, 'command'));
  if (program === undefined) refuse('command must be a list: the program, then its arguments', 'command');
  return [program, ...args];
}

function passOn(environment: Environment): Record<string, string> {
  const passed: Record<string, string> = {};
  for (const [name, value] of Object.entries(environment)) {
    if (PASSED_ON.test(name) && value !== undefined) passed[name] = value;
  }
  return passed;
}

function composeEnvironment(given: unknown, environment: Environment): Record<string, string> {
  if (!isJsonObject(given)) refuse('env must be a map', 'env');
  const composed = passOn(environment);
  for (const [name, value] of Object.entries(given)) {
    if (!ENV_NAME.test(name)) refuse(`env has a name that no variable can have`, 'env');
    if (NOT_SETTABLE.test(name)) refuse(`env cannot set ${name}`, 'env');
    composed[name] = checkText(value, `env.${name}`);
  }
  return composed;
}

/** Blotted again: JSON may write a secret with escapes. */
function parseOutput({ text, truncated }: Tail, redact: Redactor): Json | undefined {
  if (truncated || !/^\s*[[{]/.test(text)) return undefined;
  try {
    const value = JSON.parse(text) as Json;
    return checkJson(value) === null ? redact.json(value) : undefined;
  } catch {
    // Text that only begins like JSON: stdout has it.
    return undefined;
  }
}

function toResult(outcome: ProgramOutcome, program: string, redact: Redactor): CommandActivityResult {
  const { exitCode, endedBy, stdout, stderr } = outcome;
  if (exitCode !== 0) {
    const end =
      exitCode === null ? `was ended by ${endedBy ?? 'a signal'}` : `ended with exit code ${exitCode}`;
    throw new ChatFlowError('CommandFailedError', `${program} ${end}`, {
      program,
      exit_code: exitCode,
      signal: endedBy,
      stdout: stdout.text.slice(-FAILURE_CHARS),
      stderr: stderr.text.slice(-FAILURE_CHARS),
    });
  }
  const json = parseOutput(stdout, redact);
  return {
    exit_code: exitCode,
    stdout: stdout.text,
    stderr: stderr.text,
    ...(stdout.truncated ? { stdout_truncated: true } : {}),
    ...(stderr.truncated ? { stderr_truncated: true } : {}),
    ...(json === undefined ? {} : { json }),
  };
}

function spawnError(error: unknown, program: string): unknown {
  if (!(error instanceof Error) || !('code' in error) || error instanceof ChatFlowError) return error;
  const code = String(error.code);
  if (code === 'E2BIG') {
    return new ChatFlowError('PayloadTooLargeError', `The arguments of ${program} are too long`, {
      program,
      code,
    });
  }
  return new ChatFlowError('CommandFailedError', `${program} could not be started: ${code}`, {
    program,
    exit_code: null,
    code,
    stderr: '',
  });
}

/** Makes the activity. */
export function createCommandActivity(
  deps: ActivityDependencies,
): (input: CommandActivityInput) => Promise<CommandActivityResult> {
  const environment = deps.environment ?? process.env;
  const { allow, root } = deps.config.commands;
  return async (input) => {
    refuseDisabled(deps.config.features.commands, 'commands');
    const [program, ...args] = checkArguments(input.command);
    checkAllowed(program, allow);
    const call: Omit<ProgramCall, 'signal'> = {
      path: await findProgram(program, environment['PATH'] ?? ''),
      args,
      cwd: await findFolder(root, checkText(input.cwd ?? '.', 'cwd')),
      env: composeEnvironment(input.env ?? {}, environment),
      stdin: checkText(input.stdin ?? '', 'stdin'),
      redact: createRedactor(listEnvironmentSecrets(environment)),
      killGraceMs: deps.killGraceMs ?? DEFAULT_GRACE_MS,
    };
    return withinLifetime(program, async (signal) => {
      try {
        return toResult(await runProgram({ ...call, signal }), program, call.redact);
      } catch (error) {
        throw spawnError(error, program);
      }
    });
  };
}
