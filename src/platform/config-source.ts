/** Where a configuration's values come from, the file and the environment, and where in them a problem lies. */
import { LineCounter, isMap, isNode, isScalar, parseDocument, type Document, type YAMLMap } from 'yaml';
import type { Finding } from '../definition/finding.js';
import { nearestName } from '../definition/nearest-name.js';
import { checkCharacters, scanYaml } from '../definition/scan-yaml.js';
import { isForbiddenKey } from '../json/forbidden-key.js';
import { CONFIG_KEYS, type ConfigKey } from './config-schema.js';

export type ConfigPath = readonly PropertyKey[];

/** One thing that is wrong with a configuration. */
export interface ConfigProblem {
  /** The file, or the name of the variable. */
  readonly file: string;
  readonly line: number;
  readonly column: number;
  readonly path: string;
  readonly message: string;
  readonly hint?: string;
}

/** One text with its values, and the way back from a path to a place. */
export interface ConfigSource {
  readonly values: Readonly<Record<string, unknown>>;
  readonly problems: readonly ConfigProblem[];
  /** With `key`, the place of that key inside the value at `path`. */
  locate(
    path: ConfigPath,
    key?: string,
  ): { readonly file: string; readonly line: number; readonly column: number };
}

/** Reads the text of a file; `problems` are what keeps it from being read at all. */
export function readConfigText(file: string, text: string): ConfigSource {
  const refused = refuseBeforeParsing(text);
  if (refused !== null)
    return broken(file, [{ ...placeOf(text, refused.textOffset ?? 0), message: refused.message }]);
  const lines = new LineCounter();
  const doc = parseDocument(text, { lineCounter: lines, strict: true, stringKeys: true });
  const locate: ConfigSource['locate'] = (path, key) => {
    const { line, col } = lines.linePos(offsetOf(doc, path, key));
    return { file, line, column: col };
  };
  const faults = [...doc.errors, ...doc.warnings].map(({ message, linePos }) => ({
    line: linePos?.[0].line ?? 1,
    column: linePos?.[0].col ?? 1,
    message: message.split('\n')[0]!,
  }));
  if (faults.length > 0) return broken(file, faults);
  return { ...toValues(file, doc), locate };
}

/** Reads the `CHATFLOW_*` variables: `CHATFLOW_MAX_RECURSION_DEPTH=3`, `CHATFLOW_FEATURES='{llm: false}'`. */
export function readConfigEnvironment(env: NodeJS.ProcessEnv): ConfigSource {
  const values: Record<string, unknown> = {};
  const problems: ConfigProblem[] = [];
  for (const key of CONFIG_KEYS) {
    const text = env[variableName(key)];
    if (text === undefined || text === '') continue;
    const read = readVariable(key, text);
    values[key] = read.values[key];
    problems.push(...read.problems);
  }
  const locate: ConfigSource['locate'] = (path) => ({
    file: variableName(String(path[0])),
    line: 1,
    column: 1,
  });
  return { values, problems: [...problems, ...misspeltVariables(env)], locate };
}

/** Names and paths are taken as they are: `~/x` or `365` must not turn into null or a number. */
function readVariable(key: ConfigKey, text: string): ConfigSource {
  const verbatim = key === 'data_dir' || key === 'retention' || key === 'log_level' || key === 'log_format';
  if (verbatim)
    return { values: { [key]: text }, problems: [], locate: () => ({ file: '', line: 1, column: 1 }) };
  return readConfigText(variableName(key), `${key}: ${text}`);
}

function variableName(key: string): string {
  return `CHATFLOW_${key.toUpperCase()}`;
}

/**
 * Only what looks like one of ours: others may own names that begin alike (Kubernetes makes CHATFLOW_PORT for a service).
 */
function misspeltVariables(env: NodeJS.ProcessEnv): ConfigProblem[] {
  return Object.keys(env).flatMap((name) => {
    const key = /^CHATFLOW_(.*)$/.exec(name)?.[1]?.toLowerCase();
    if (key === undefined || CONFIG_KEYS.some((known) => known === key)) return [];
    const nearest = nearestName(key, CONFIG_KEYS);
    if (nearest === undefined) return [];
    const hint = `did you mean ${variableName(nearest)}?`;
    return [{ file: name, line: 1, column: 1, path: '', message: 'unknown variable', hint }];
  });
}

/** The parser ends the whole process, past any catch, on a deep enough nest: the scanner stops such a text before it. */
function refuseBeforeParsing(text: string): Finding | null {
  const scan = (): Finding | null => {
    const scanned = scanYaml(text);
    return 'refused' in scanned ? scanned.refused : null;
  };
  return checkCharacters(text) ?? scan();
}

function placeOf(text: string, offset: number): { readonly line: number; readonly column: number } {
  const before = text.slice(0, offset).split('\n');
  return { line: before.length, column: before.at(-1)!.length + 1 };
}

function broken(file: string, faults: readonly Omit<ConfigProblem, 'file' | 'path'>[]): ConfigSource {
  return {
    values: {},
    problems: faults.map((fault) => ({ file, path: '', ...fault })),
    locate: () => ({ file, line: 1, column: 1 }),
  };
}

function toValues(file: string, doc: Document.Parsed): Pick<ConfigSource, 'values' | 'problems'> {
  const problem = (message: string): Pick<ConfigSource, 'values' | 'problems'> =>
    broken(file, [{ line: 1, column: 1, message }]);
  if (doc.contents === null) return { values: {}, problems: [] };
  if (!isMap(doc.contents)) return problem('must be a mapping of keys to values');
  try {
    const forbidden = new Set<string>();
    const values = doc.toJS({
      maxAliasCount: 0,
      reviver: (key, value: unknown) => {
        if (typeof key === 'string' && isForbiddenKey(key)) forbidden.add(key);
        return value;
      },
    }) as Readonly<Record<string, unknown>>;
    return forbidden.size === 0
      ? { values, problems: [] }
      : problem(`the key ${[...forbidden].join(', ')} is not allowed`);
  } catch (error) {
    return problem((error as Error).message);
  }
}

/** The place of the value at `path`, of `key` inside it, or of the nearest thing that exists. */
function offsetOf(doc: Document.Parsed, path: ConfigPath, key?: string): number {
  for (let length = path.length; length >= 0; length--) {
    const node = length === 0 ? doc.contents : doc.getIn(path.slice(0, length), true);
    if (!isNode(node)) continue;
    const inside = key !== undefined && length === path.length && isMap(node) ? offsetOfKey(node, key) : null;
    return inside ?? node.range?.[0] ?? 0;
  }
  return 0;
}

function offsetOfKey(map: YAMLMap, key: string): number | null {
  const pair = map.items.find((item) => isScalar(item.key) && item.key.value === key);
  return isScalar(pair?.key) ? (pair.key.range?.[0] ?? null) : null;
}
