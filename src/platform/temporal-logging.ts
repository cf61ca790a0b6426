/** Temporal's own records, through our logger. Apart from it: this loads a worker's native code. */
import { DefaultLogger, Runtime, makeTelemetryFilterString } from '@temporalio/worker';
import { LOG_LEVELS, type LogLevel, type Logger } from './logging.js';

/**
 * Sends the records of Temporal's runtime, its Rust core included, through `logger`. Once a process, before the first
 * worker or native connection. `shutdownSignals: []` leaves SIGINT and SIGTERM to the caller.
 */
export function installTemporalLogger(
  logger: Logger,
  options: { readonly level?: LogLevel; readonly shutdownSignals?: readonly NodeJS.Signals[] } = {},
): void {
  const level = options.level ?? 'warn';
  const upper = level.toUpperCase() as Uppercase<LogLevel>;
  Runtime.install({
    logger: new DefaultLogger(upper, (entry) => {
      logger[toLogLevel(entry.level)](entry.message, entry.meta ?? {});
    }),
    telemetryOptions: { logging: { forward: {}, filter: makeTelemetryFilterString({ core: upper }) } },
    ...(options.shutdownSignals && { shutdownSignals: [...options.shutdownSignals] }),
  });
}

function toLogLevel(level: string): LogLevel {
  const lower = level.toLowerCase();
  return LOG_LEVELS.find((known) => known === lower) ?? 'debug';
}
