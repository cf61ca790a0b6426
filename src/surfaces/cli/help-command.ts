import type { Command } from 'commander';
import { nearestName } from '../../definition/nearest-name.js';
import { COMMANDS } from './commands.js';
import { usageError } from './usage-error.js';

/** `help [command]`. Commander's own shows the overview where there is no such command, as if none were named. */
export function addHelpCommand(program: Command): Command {
  program.helpCommand(false);
  const help = program.command('help').argument('[command]', 'default: all').helpOption(false);
  help.description('show how a command is used').option('--json', 'print one JSON document on stdout');
  return help.action((name?: string) => {
    if (name === undefined) return program.help();
    const named = program.commands.find((command) => command.name() === name);
    return named === undefined ? refuse(name) : named.help();
  });
}

function refuse(name: string): never {
  const near = nearestName(
    name,
    COMMANDS.map((command) => command.name),
  );
  const hint = near === undefined ? '' : ` (Did you mean ${near}?)`;
  throw usageError('commander.unknownCommand', `unknown command '${name}'${hint}`);
}
