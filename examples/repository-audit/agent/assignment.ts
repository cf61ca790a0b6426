import type { FailedFolder, Focus, Limits } from '../audit/audit-file.js';

/** What a task's `context` tells an agent. */
export interface Assignment {
  readonly path: string;
  readonly work_dir: string;
  readonly round: number;
  readonly focus: Focus;
  readonly limits: Limits;
  readonly report_path: string;
  readonly instance_id: string;
  /** Folders besides the tree that the inventory takes in. */
  readonly extra_folders: readonly string[];
  /** The folder to look at; the area of the inventory that it is, or is a part of. */
  readonly folder: string;
  readonly area: string;
  /** How many subfolders may be left to others, and from how many files on. */
  readonly max_subfolders: number;
  readonly min_subfolder_files: number;
  /** Folders that had a child in this round, and what could not be audited of them. */
  readonly folders: readonly string[];
  readonly failed: readonly FailedFolder[];
}

type Given = Readonly<Record<string, unknown>>;

const DEFAULT_LIMITS: Limits = { max_file_lines: 400, max_function_lines: 60, min_block_lines: 8 };

/** Reads a task's context. What a role does not get is empty. @throws Error where path or work_dir is missing */
export function readAssignment(context: unknown): Assignment {
  const given = asRecord(context);
  const folder = asText(given['folder']);
  return {
    path: requiredText(given, 'path'),
    work_dir: requiredText(given, 'work_dir'),
    round: asNumber(given['round'], 1),
    focus: readFocus(asRecord(given['focus'])),
    limits: readLimits(asRecord(given['limits'])),
    report_path: asText(given['report_path']),
    instance_id: asText(given['instance_id']),
    extra_folders: asList(given['extra_folders']).map(asText),
    folder,
    area: asText(given['area']) || folder,
    max_subfolders: asNumber(given['max_subfolders'], 0),
    min_subfolder_files: asNumber(given['min_subfolder_files'], 1),
    folders: asList(given['folders']).map((entry) => asText(asRecord(entry)['folder'])),
    failed: asList(given['failed']).map(asRecord).map(readFailed),
  };
}

function readFocus(focus: Given): Focus {
  return {
    ...(typeof focus['max_bytes'] === 'number' ? { max_bytes: focus['max_bytes'] } : {}),
    ...(typeof focus['list'] === 'string' ? { list: focus['list'] } : {}),
  };
}

function readLimits(limits: Given): Limits {
  return {
    max_file_lines: asNumber(limits['max_file_lines'], DEFAULT_LIMITS.max_file_lines),
    max_function_lines: asNumber(limits['max_function_lines'], DEFAULT_LIMITS.max_function_lines),
    min_block_lines: asNumber(limits['min_block_lines'], DEFAULT_LIMITS.min_block_lines),
  };
}

function readFailed({ folder, why }: Given): FailedFolder {
  return { folder: asText(folder), why: asText(why) };
}

function asRecord(value: unknown): Given {
  return typeof value === 'object' && value !== null ? (value as Given) : {};
}

function asList(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}

function asNumber(value: unknown, fallback: number): number {
  return typeof value === 'number' ? value : fallback;
}

function asText(value: unknown): string {
  return typeof value === 'string' ? value : '';
}

function requiredText(given: Given, key: string): string {
  const text = asText(given[key]);
  if (text === '') throw new Error(`The task's context has no "${key}"`);
  return text;
}
