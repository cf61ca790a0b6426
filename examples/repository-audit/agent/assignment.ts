import type { Focus, Limits } from '../audit/audit-file.js';

/** What a task's `context` tells an agent. */
export interface Assignment {
  readonly path: string;
  readonly work_dir: string;
  readonly round: number;
  readonly focus: Focus;
  readonly limits: Limits;
  readonly report_path: string;
  readonly instance_id: string;
}

const DEFAULT_LIMITS: Limits = { max_file_lines: 400, max_function_lines: 60, min_block_lines: 8 };

/** Reads a task's context. What a role does not get is empty. @throws Error where path or work_dir is missing */
export function readAssignment(context: unknown): Assignment {
  const given = asRecord(context);
  const limits = asRecord(given['limits']);
  const focus = asRecord(given['focus']);
  return {
    path: requiredText(given, 'path'),
    work_dir: requiredText(given, 'work_dir'),
    round: asNumber(given['round'], 1),
    focus: {
      ...(typeof focus['max_bytes'] === 'number' ? { max_bytes: focus['max_bytes'] } : {}),
      ...(typeof focus['list'] === 'string' ? { list: focus['list'] } : {}),
    },
    limits: {
      max_file_lines: asNumber(limits['max_file_lines'], DEFAULT_LIMITS.max_file_lines),
      max_function_lines: asNumber(limits['max_function_lines'], DEFAULT_LIMITS.max_function_lines),
      min_block_lines: asNumber(limits['min_block_lines'], DEFAULT_LIMITS.min_block_lines),
    },
    report_path: asText(given['report_path']),
    instance_id: asText(given['instance_id']),
  };
}

function asRecord(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null ? (value as Readonly<Record<string, unknown>>) : {};
}

function asNumber(value: unknown, fallback: number): number {
  return typeof value === 'number' ? value : fallback;
}

function asText(value: unknown): string {
  return typeof value === 'string' ? value : '';
}

function requiredText(given: Readonly<Record<string, unknown>>, key: string): string {
  const text = asText(given[key]);
  if (text === '') throw new Error(`The task's context has no "${key}"`);
  return text;
}
