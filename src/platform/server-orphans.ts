/** Servers that a killed `chatflow up` left behind: they hold the database and the port of the next one. */
import { ChatFlowError } from '../core/errors.js';
import type { Logger } from './logging.js';
import { listProcesses, type RunningProcess } from './process-identity.js';
import { endProcess } from './server-process.js';
import { SERVER_DYNAMIC_CONFIG, dynamicConfigArgs } from './server-tuning.js';

/**
 * Ends every server of ours that still runs on a database file. The caller holds the data directory's lock, so none of
 * them has an owner; nothing is lost, their state is in the file.
 * @throws ChatFlowError DataDirectoryInUseError for a server on that file which somebody started by hand
 */
export async function endOrphanServers(databaseFile: string, log: Logger): Promise<void> {
  const servers = (await listProcesses()).filter((one) => usesDatabase(one, databaseFile));
  const foreign = servers.find((one) => !isOurs(one));
  if (foreign !== undefined) {
    throw new ChatFlowError(
      'DataDirectoryInUseError',
      `The database ${databaseFile} is in use by a Temporal server that ChatFlow did not start: process ` +
        `${foreign.pid}. End it, or choose another --data-dir`,
      { pid: foreign.pid },
    );
  }
  for (const { pid } of servers) {
    log.info(`ending the Temporal server that an earlier run left behind (process ${pid})`);
    await endProcess(pid);
  }
}

function usesDatabase({ command }: RunningProcess, databaseFile: string): boolean {
  return command.includes(' server start-dev ') && `${command} `.includes(` --db-filename ${databaseFile} `);
}

/** Nobody types all of our tuning by hand. */
function isOurs({ command }: RunningProcess): boolean {
  return dynamicConfigArgs(SERVER_DYNAMIC_CONFIG).every((argument) => command.includes(argument));
}
