import { stripVTControlCharacters } from 'node:util';

/** Rows under their headings, columns as wide as their widest cell, two spaces apart. */
export function renderTable(headings: readonly string[], rows: readonly (readonly string[])[]): string[] {
  const lines = [headings, ...rows.map((row) => row.map(onOneLine))];
  const widths = headings.map((_, column) =>
    lines.reduce((widest, row) => Math.max(widest, width(row[column] ?? '')), 0),
  );
  return lines.map((row) => renderRow(row, widths));
}

/** Names and values, values below each other; the further lines of a value are below its first. */
export function renderFields(fields: readonly (readonly [string, string | null | undefined])[]): string[] {
  const shown = fields.filter(([, value]) => value !== undefined && value !== null && value !== '');
  const longest = Math.max(0, ...shown.map(([name]) => width(name)));
  return shown.map(([name, value]) => `${pad(name, longest)}  ${indent(value ?? '', longest + 2)}`);
}

function renderRow(row: readonly string[], widths: readonly number[]): string {
  return row
    .map((cell, column) => pad(cell, widths[column] ?? 0))
    .join('  ')
    .trimEnd();
}

function onOneLine(cell: string): string {
  return cell.replace(/[\n\t]+/g, ' ');
}

function indent(text: string, by: number): string {
  return text.replaceAll('\n', `\n${' '.repeat(by)}`);
}

function pad(text: string, to: number): string {
  return text + ' '.repeat(Math.max(0, to - width(text)));
}

function width(text: string): number {
  return stripVTControlCharacters(text).length;
}
