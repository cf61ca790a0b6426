import type { Diagnostic } from './diagnostic.js';

/** One finding as text for people: file, line, column, severity, code, path, message and hint, with the frame below. */
export function formatDiagnostic(diagnostic: Diagnostic): string {
  const { file, line, column, severity, code, path, message, hint, frame } = diagnostic;
  const place = `${file ?? '<definition>'}:${line}:${column}`;
  const subject = path === '' ? '' : ` ${path}:`;
  const advice = hint === undefined ? '' : ` (${hint})`;
  const head = `${place} ${severity} ${code}${subject} ${message}${advice}`;
  return frame === '' ? head : `${head}\n${frame}`;
}
