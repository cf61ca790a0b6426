/** The configuration: chatflow.config.yaml with CHATFLOW_* variables over it, read once and typed. */
import { readFileSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import type { z } from 'zod';
import { ChatFlowError } from '../core/errors.js';
import { nearestName } from '../definition/nearest-name.js';
import type { ResourceQuota } from '../core/shapes.js';
import type { LogLevel } from './logging.js';
import { CONFIG_KEYS, FEATURES, configSchema, type Feature, type ParsedConfig } from './config-schema.js';
import {
  readConfigEnvironment,
  readConfigText,
  type ConfigProblem,
  type ConfigSource,
} from './config-source.js';

export type { ConfigProblem, Feature };

/** The file that is read where `CHATFLOW_CONFIG` names no other. */
export const CONFIG_FILE = 'chatflow.config.yaml';

/** Everything that a team may configure, with its defaults in place; paths are absolute. */
export interface ChatFlowConfig {
  /** The file it came from; null where there was none. */
  readonly file: string | null;
  readonly data_dir: string;
  /** Folders with definitions; one that does not exist is empty. */
  readonly definitions: readonly string[];
  readonly max_recursion_depth: number;
  readonly default_automation_level: number;
  readonly default_resource_quota: ResourceQuota;
  readonly artifact_store: { readonly type: 'file'; readonly root: string };
  /** How long Temporal keeps closed instances. */
  readonly retention_sec: number;
  /** Programs that the command executor may run, by name; none by default. */
  readonly commands: { readonly allow: readonly string[]; readonly root: string };
  /** Whether the http executor may reach private addresses: never, always, or these hosts and CIDR blocks. */
  readonly http: { readonly allow_private: boolean | readonly string[] };
  readonly features: Readonly<Record<Feature, boolean>>;
  readonly log_level: LogLevel;
  readonly log_format: 'text' | 'json';
}

export interface LoadConfigOptions {
  /** What relative paths of the environment start from; default the process's folder. */
  readonly cwd?: string;
  /** Default process.env. */
  readonly env?: NodeJS.ProcessEnv;
  /** The file; it must exist. Default: CHATFLOW_CONFIG, else chatflow.config.yaml where there is one. */
  readonly file?: string;
}

/** Reads and checks the configuration. @throws ChatFlowError ConfigurationError with all problems at once */
export function loadConfig(options: LoadConfigOptions = {}): ChatFlowConfig {
  const env = options.env ?? process.env;
  const cwd = resolve(options.cwd ?? '.');
  const { file, text } = readFile(cwd, options.file ?? env['CHATFLOW_CONFIG']);
  const fromFile = readConfigText(file ?? CONFIG_FILE, text);
  const fromEnv = readConfigEnvironment(env);
  const broken = [...fromFile.problems, ...fromEnv.problems];
  const parsed = configSchema.safeParse({ ...fromFile.values, ...fromEnv.values });
  const issues = parsed.success || fromFile.problems.length > 0 ? [] : parsed.error.issues;
  const problems = [...broken, ...issues.flatMap((issue) => toProblems(issue, fromFile, fromEnv))];
  if (problems.length > 0 || !parsed.success) throw configurationError(problems);
  return resolveConfig(parsed.data, file, (key) =>
    key in fromEnv.values || file === null ? cwd : dirname(file),
  );
}

function readFile(
  cwd: string,
  named: string | undefined,
): { readonly file: string | null; readonly text: string } {
  const file = resolve(cwd, named || CONFIG_FILE);
  try {
    return { file, text: readFileSync(file, 'utf8') };
  } catch (error) {
    if (!named && (error as NodeJS.ErrnoException).code === 'ENOENT') return { file: null, text: '' };
    const message = `can't be read: ${(error as Error).message}`;
    throw configurationError([{ file, line: 1, column: 1, path: '', message }]);
  }
}

function resolveConfig(
  config: ParsedConfig,
  file: string | null,
  folderOf: (key: keyof ParsedConfig) => string,
): ChatFlowConfig {
  const data_dir = resolve(folderOf('data_dir'), config.data_dir);
  const { root } = config.artifact_store;
  return {
    file,
    data_dir,
    definitions: config.definitions.map((folder) => resolve(folderOf('definitions'), folder)),
    max_recursion_depth: config.max_recursion_depth,
    default_automation_level: config.default_automation_level,
    default_resource_quota: config.default_resource_quota,
    artifact_store: {
      type: 'file',
      root: root === undefined ? resolve(data_dir, 'artifacts') : resolve(folderOf('artifact_store'), root),
    },
    retention_sec: config.retention,
    commands: {
      allow: config.commands.allow,
      root: resolve(folderOf('commands'), config.commands.root ?? '.'),
    },
    http: config.http,
    features: config.features,
    log_level: config.log_level,
    log_format: config.log_format,
  };
}

function toProblems(issue: z.core.$ZodIssue, fromFile: ConfigSource, fromEnv: ConfigSource): ConfigProblem[] {
  const source = String(issue.path[0]) in fromEnv.values ? fromEnv : fromFile;
  const path = issue.path.join('.');
  if (issue.code !== 'unrecognized_keys')
    return [{ ...source.locate(issue.path), path, message: issue.message }];
  return issue.keys.map((key) => {
    const nearest = nearestName(key, knownKeys(issue.path));
    return {
      ...source.locate(issue.path, key),
      path: [...issue.path, key].join('.'),
      message: 'unknown key',
      ...(nearest !== undefined && { hint: `did you mean ${nearest}?` }),
    };
  });
}

/** The names that may stand at a path, for hints. */
function knownKeys(path: readonly PropertyKey[]): readonly string[] {
  if (path.length === 0) return CONFIG_KEYS;
  const byParent: Readonly<Record<string, readonly string[]>> = {
    features: FEATURES,
    commands: ['allow', 'root'],
    http: ['allow_private'],
    artifact_store: ['type', 'root'],
    default_resource_quota: ['max_tokens', 'max_duration_sec', 'max_cost_usd', 'max_children'],
  };
  return byParent[String(path[0])] ?? [];
}

function configurationError(problems: readonly ConfigProblem[]): ChatFlowError {
  const lines = problems.map(({ file, line, column, path, message, hint }) => {
    const subject = path === '' ? message : `${path}: ${message}`;
    return `  ${file}:${line}:${column} ${subject}${hint === undefined ? '' : ` (${hint})`}`;
  });
  return new ChatFlowError('ConfigurationError', `The configuration is not valid:\n${lines.join('\n')}`, {
    problems: problems.map((problem) => ({ ...problem })),
  });
}
