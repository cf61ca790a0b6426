import { describe, expect, it } from 'vitest';
import { DIAGNOSTIC_CODES, formatDiagnostic, parseDefinition } from '../../src/definition/index.js';
import type { Diagnostic } from '../../src/definition/index.js';
import { BAD_DOCUMENTS, KNOWN_DEFINITIONS } from './bad-documents.js';
import { GOOD_DOCUMENTS } from './good-documents.js';

function summarise({ line, column, code, path, hint }: Diagnostic): string {
  return `${line}:${column} ${code} ${path}${hint === undefined ? '' : ` (${hint})`}`;
}

describe('a definition with problems', () => {
  it.each(BAD_DOCUMENTS)('reports all of them at once: $name', ({ text, expected }) => {
    const { definition, diagnostics } = parseDefinition(text, { knownDefinitions: KNOWN_DEFINITIONS });
    expect(diagnostics.map(summarise)).toEqual(expected);
    const hasError = diagnostics.some(({ severity }) => severity === 'error');
    expect(definition === null).toBe(hasError);
  });

  it('has a case for every code that a text can have', () => {
    const codes = BAD_DOCUMENTS.flatMap(({ expected }) => expected.map((line) => line.split(' ')[1]));
    // These need large documents or an object: test/definition/hostile-documents.test.ts, validate-input.test.ts.
    const elsewhere = [
      'document-too-large',
      'nested-too-deep',
      'too-many-keys',
      'too-many-values',
      'too-many-problems',
      'invalid-input',
    ];
    expect(new Set([...codes, ...elsewhere])).toEqual(new Set(Object.keys(DIAGNOSTIC_CODES)));
  });

  it('shows the place in a frame and in one line', () => {
    const text = 'name: t\nversion: "1"\nphases:\n  - name: a\n    tsk: x\n  - name: b\n';
    const { diagnostics } = parseDefinition(text, { file: 'flow.yaml' });
    expect(diagnostics.map(formatDiagnostic)).toEqual([
      [
        'flow.yaml:5:5 error unknown-key phases[0].tsk: There is no key "tsk" here (did you mean `task`?)',
        '  4 |   - name: a',
        '> 5 |     tsk: x',
        '    |     ^',
        '  6 |   - name: b',
      ].join('\n'),
    ]);
  });

  it('cuts a frame round the place in a long line', () => {
    const text = `{"name": "t", "version": "1", "phases": [{"name": "${'a'.repeat(64)}", "task": "${'x'.repeat(500)}", "tsk": 1}]}`;
    const [diagnostic] = parseDefinition(text).diagnostics;
    expect(diagnostic?.code).toBe('unknown-key');
    const [, caret = ''] = diagnostic?.frame.split('\n') ?? [];
    const line = diagnostic?.frame.split('\n')[0] ?? '';
    expect(line.length).toBeLessThan(120);
    expect(line.slice(caret.indexOf('^'))).toMatch(/^"tsk"/);
  });

  it('keeps an escape sequence in a name out of the report', () => {
    const text = 'name: t\nversion: "1"\nphases:\n  - { name: a, "\\e[31mtsk": 1, next: "\\e]0;x\\a" }\n';
    const report = parseDefinition(text).diagnostics.map(formatDiagnostic).join('\n');
    expect(report).not.toMatch(/[\u0000-\u0008\u000b-\u001f]/);
    expect(report).toContain('unknown-key');
  });
});

describe('a definition without errors', () => {
  it.each(GOOD_DOCUMENTS)('is read: $name', ({ text, warnings = [] }) => {
    const { definition, diagnostics } = parseDefinition(text);
    expect(diagnostics.map(summarise)).toEqual(warnings);
    expect(definition).not.toBeNull();
  });

  it('looks up references only where the known definitions are given', () => {
    const text = 'name: t\nversion: "1"\nphases: [{ name: a, subworkflow: other }]\n';
    expect(parseDefinition(text).diagnostics).toEqual([]);
    expect(parseDefinition(text, { knownDefinitions: [] }).diagnostics).toHaveLength(1);
    for (const known of ['other', 'other@1.0', 'other@v2.0']) {
      expect(parseDefinition(text, { knownDefinitions: [known] }).diagnostics).toEqual([]);
    }
  });

  it('may start itself, and a version with or without its v', () => {
    const text = (reference: string) =>
      `name: t\nversion: "1.2"\nphases: [{ name: a, subworkflow: ${reference} }]\n`;
    for (const reference of ['t', 't@1.2', 't@v1.2', 'u@v1.0', 'u@1.0']) {
      expect(parseDefinition(text(reference), { knownDefinitions: ['u@1.0'] }).diagnostics).toEqual([]);
    }
    expect(parseDefinition(text('t@1.3'), { knownDefinitions: ['u@1.0'] }).diagnostics).toHaveLength(1);
  });

  it('may begin with a byte order mark, and end its lines as Windows does', () => {
    const text = '\uFEFFname: t\r\nversion: "1"\r\nphases:\r\n  - name: a\r\n    tsk: |\r\n      x\r\n';
    const { diagnostics } = parseDefinition(text);
    expect(diagnostics.map(summarise)).toEqual(['5:5 unknown-key phases[0].tsk (did you mean `task`?)']);
    expect(diagnostics[0]?.frame).not.toContain('\r');
  });
});
