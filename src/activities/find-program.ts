import { constants } from 'node:fs';
import { access, realpath, stat } from 'node:fs/promises';
import { delimiter, isAbsolute, join, relative, resolve, sep } from 'node:path';
import { ChatFlowError } from '../core/errors.js';

/** A program's name: no path, so an allowed `git` is never `./git` or `/tmp/git`. */
const PROGRAM = /^[A-Za-z0-9_][A-Za-z0-9._+-]{0,127}$/;

async function isProgram(path: string): Promise<boolean> {
  try {
    await access(path, constants.X_OK);
    return (await stat(path)).isFile();
  } catch {
    // Not there, or not for this user: the next folder may have it.
    return false;
  }
}

/**
 * Refuses a program that the configuration does not allow.
 * @throws ChatFlowError `FeatureDisabledError` naming the line that would allow it
 */
export function checkAllowed(program: string, allow: readonly string[]): void {
  if (PROGRAM.test(program) && allow.includes(program)) return;
  const shown = JSON.stringify(program.slice(0, 80));
  const remedy = PROGRAM.test(program)
    ? `allow it with commands: { allow: [${[...allow, program].join(', ')}] } in chatflow.config.yaml`
    : 'a program is named without a path, and stands in commands.allow in chatflow.config.yaml';
  throw new ChatFlowError(
    'FeatureDisabledError',
    `This worker does not run the program ${shown}: ${remedy}`,
    {
      feature: 'commands',
      config: 'commands.allow',
      program: program.slice(0, 80),
    },
  );
}

/**
 * The path of a program, looked up in the absolute folders of PATH.
 * @throws ChatFlowError `CommandFailedError` where there is none
 */
export async function findProgram(program: string, searchPath: string): Promise<string> {
  for (const folder of searchPath.split(delimiter)) {
    const path = join(folder, program);
    if (isAbsolute(folder) && (await isProgram(path))) return path;
  }
  throw new ChatFlowError('CommandFailedError', `The program ${program} is not on the worker's PATH`, {
    program,
    exit_code: 127,
    stderr: '',
  });
}

/**
 * The folder a program runs in: below the root, links followed.
 * @throws ChatFlowError `InvalidInputError`
 */
export async function findFolder(root: string, cwd: string): Promise<string> {
  const refuse = (reason: string): never => {
    throw new ChatFlowError('InvalidInputError', `cwd ${JSON.stringify(cwd.slice(0, 200))} ${reason}`, {
      field: 'cwd',
    });
  };
  if (cwd.includes('\0')) refuse('is no path');
  const missing = (): never => refuse('does not exist below commands.root');
  const base = await realpath(root).catch(missing);
  const path = await realpath(resolve(base, cwd)).catch(missing);
  const way = relative(base, path);
  if (way === '..' || way.startsWith(`..${sep}`) || isAbsolute(way)) refuse('leads out of commands.root');
  if (!(await stat(path)).isDirectory()) refuse('is no folder');
  return path;
}
