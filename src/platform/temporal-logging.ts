/** Temporal's own records, through our logger. Apart from it: this loads a worker's native code. */
import { DefaultLogger, Runtime, makeTelemetryFilterString } from '@temporalio/worker';
import { LOG_LEVELS, type LogLevel, type Logger } from './logging.js';

let receiver: Logger | null = null;

/**
 * Sends the records of Temporal's runtime, its Rust core included, through `logger`: before the first worker or native
 * connection of the process. A later call names another logger and changes nothing else, as there is one runtime a
 * process. `shutdownSignals: []` leaves SIGINT and SIGTERM to the caller; else workers end on them by themselves.
 */
export function installTemporalLogger(
  logger: Logger,
  options: { readonly level?: LogLevel; readonly shutdownSignals?: readonly NodeJS.Signals[] } = {},
): void {
  const isInstalled = receiver !== null;
  receiver = logger;
  if (isInstalled) return;
  const upper = (options.level ?? 'warn').toUpperCase() as Uppercase<LogLevel>;
  Runtime.install({
    logger: new DefaultLogger(upper, (entry) => {
      receiver?.[toLogLevel(entry.level)](entry.message, entry.meta ?? {});
    }),
    telemetryOptions: { logging: { forward: {}, filter: makeTelemetryFilterString({ core: upper }) } },
    ...(options.shutdownSignals && { shutdownSignals: [...options.shutdownSignals] }),
  });
}

function toLogLevel(level: string): LogLevel {
  const lower = level.toLowerCase();
  return LOG_LEVELS.find((known) => known === lower) ?? 'debug';
}
