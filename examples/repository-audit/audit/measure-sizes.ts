import type { FileText, Finding } from './audit-file.js';

/** Files of more than `maxLines` lines. Only code counts: long prose and data are no finding. */
export function findLongFiles(file: FileText, maxLines: number): readonly Finding[] {
  const lines = countLines(file.text);
  if (file.kind === 'other' || lines <= maxLines) return [];
  return [{ path: file.path, line: 1, weight: lines, what: `${String(lines)} lines` }];
}

/** Lines of a text; one that ends without a line break counts, nothing has none. */
export function countLines(text: string): number {
  if (text === '') return 0;
  return text.split('\n').length - (text.endsWith('\n') ? 1 : 0);
}
