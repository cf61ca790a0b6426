/**
 * How the embedded server is tuned: the one place. Temporal's development server is slow by default where ChatFlow
 * lives; each line says what it changes, and docs/operations.md what it costs. docker-compose.temporal.yml carries the
 * same dynamic values for PostgreSQL, and a test holds the two together.
 */

/** Dynamic configuration, by key; the values are JSON. */
export const SERVER_DYNAMIC_CONFIG = {
  /** A lone signal waits up to 50 ms for a poll at the default of 20 a second: 45 ms at the median, 7 ms with this. */
  'history.transferProcessorMaxPollRPS': 1000,
  /** Timers have a grain of 1 s by default. */
  'history.timerProcessorMaxTimeShift': '10ms',
  /** Continue-as-new is held to one a second an instance by default. */
  'history.workflowIdReuseMinimalInterval': '0s',
  /**
   * From the fourth attempt on the server lets a workflow task have 5 s more, then 10, up to 10 minutes. That is what reads
   * a long history back on a busy machine, and for so long an instance stands still whose workers were killed that
   * often: half a minute does the one, and bounds the other.
   */
  'history.workflowTaskRetryMaxInterval': '30s',
  /** Lists and counts are held to 10 a second on a normal server, 100 on the development one. */
  'frontend.namespaceRPS.visibility': 1000,
} as const satisfies Readonly<Record<string, string | number | boolean>>;

/**
 * SQLite, as fast as memory (0.97 of it, measured), and safe against `kill -9` of the server. A crash of the operating
 * system may lose the last moments, never the file.
 */
export const SQLITE_PRAGMAS = { journal_mode: 'WAL', synchronous: 'NORMAL' } as const;

/** How long closed instances stay in Temporal: a year, in place of the development server's 24 hours. */
export const DEFAULT_RETENTION_SEC = 365 * 24 * 60 * 60;

/** Arguments of `temporal server start-dev` for a set of dynamic values. */
export function dynamicConfigArgs(values: Readonly<Record<string, string | number | boolean>>): string[] {
  return Object.entries(values).flatMap(([key, value]) => [
    '--dynamic-config-value',
    `${key}=${JSON.stringify(value)}`,
  ]);
}
