import { stripVTControlCharacters } from 'node:util';

/** Rows under their headings, columns as wide as their widest cell, two spaces apart. */
export function renderTable(headings: readonly string[], rows: readonly (readonly string[])[]): string[] {
  const widths = headings.map((heading, column) =>
    Math.max(width(heading), ...rows.map((row) => width(row[column] ?? ''))),
  );
  return [headings, ...rows].map((row) => renderRow(row, widths));
}

/** Names and values, one a line, values below each other. */
export function renderFields(fields: readonly (readonly [string, string | null | undefined])[]): string[] {
  const shown = fields.filter(([, value]) => value !== undefined && value !== null && value !== '');
  const longest = Math.max(0, ...shown.map(([name]) => width(name)));
  return shown.map(([name, value]) => `${pad(name, longest)}  ${value ?? ''}`);
}

function renderRow(row: readonly string[], widths: readonly number[]): string {
  return row
    .map((cell, column) => pad(cell, widths[column] ?? 0))
    .join('  ')
    .trimEnd();
}

function pad(text: string, to: number): string {
  return text + ' '.repeat(Math.max(0, to - width(text)));
}

function width(text: string): number {
  return stripVTControlCharacters(text).length;
}
