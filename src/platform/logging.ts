/**
 * Words of the program, always on stderr: data goes to stdout. One record is one line, as text for people or as JSON
 * for machines; temporal-logging.ts sends Temporal's own records the same way.
 */
import pc from 'picocolors';

/** Levels from chatty to grave. */
export const LOG_LEVELS = ['debug', 'info', 'warn', 'error'] as const;

export type LogLevel = (typeof LOG_LEVELS)[number];

/** Facts of one record; anything that JSON can carry. */
export type LogFacts = Readonly<Record<string, unknown>>;

/** Where modules write what a person or an operator should know. Never secrets, never payloads. */
export interface Logger {
  debug(message: string, facts?: LogFacts): void;
  info(message: string, facts?: LogFacts): void;
  warn(message: string, facts?: LogFacts): void;
  error(message: string, facts?: LogFacts): void;
}

export interface LoggerOptions {
  /** Records below it are dropped; default `info`. */
  readonly level?: LogLevel;
  /** `text` (default) for people, `json` for one JSON object a line. */
  readonly format?: 'text' | 'json';
  /** Default process.stderr; colours only where it is a terminal. */
  readonly stream?: { write(text: string): unknown; readonly isTTY?: boolean };
}

type Render = (level: LogLevel, message: string, facts: LogFacts) => string;

/** A logger that writes one line a record. */
export function createLogger(options: LoggerOptions = {}): Logger {
  const stream = options.stream ?? process.stderr;
  const threshold = LOG_LEVELS.indexOf(options.level ?? 'info');
  const render = options.format === 'json' ? renderJson : textRenderer(stream.isTTY === true);
  const write =
    (level: LogLevel) =>
    (message: string, facts: LogFacts = {}): void => {
      if (LOG_LEVELS.indexOf(level) >= threshold) stream.write(`${render(level, message, facts)}\n`);
    };
  return { debug: write('debug'), info: write('info'), warn: write('warn'), error: write('error') };
}

/** A logger that drops everything, for callers that want silence. */
export const silentLogger: Logger = { debug() {}, info() {}, warn() {}, error() {} };

const renderJson: Render = (level, message, facts) =>
  JSON.stringify({ time: new Date().toISOString(), level, message, ...facts }, plainError);

function textRenderer(colour: boolean): Render {
  const paint = pc.createColors(colour);
  const prefix: Record<LogLevel, string> = {
    debug: paint.dim('debug '),
    info: '',
    warn: paint.yellow('warning '),
    error: paint.red('error '),
  };
  return (level, message, facts) => {
    const tail = Object.entries(facts).map(([key, value]) => `${key}=${JSON.stringify(value, plainError)}`);
    return prefix[level] + [message, ...(tail.length > 0 ? [paint.dim(tail.join(' '))] : [])].join(' ');
  };
}

/** JSON.stringify makes `{}` of an error and throws on a bigint, and Temporal's records carry both. */
function plainError(_key: string, value: unknown): unknown {
  if (value instanceof Error) return { name: value.name, message: value.message };
  return typeof value === 'bigint' ? value.toString() : value;
}
