import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { DIAGNOSTIC_CODES, formatDiagnostic, parseDefinition } from '../../src/definition/index.js';
import { FORMATS } from '../../src/json/formats.js';
import { KEYWORDS } from '../../src/json/json-schema-keywords.js';

const PAGE = readFileSync(new URL('../../docs/language.md', import.meta.url), 'utf8');
const EXAMPLES = [...PAGE.matchAll(/```yaml\n([\s\S]*?)```/g)].map(([, text = '']) => ({
  name: /^name: (.*)$/m.exec(text)?.[1] ?? text.slice(0, 40),
  text,
}));

describe('docs/language.md', () => {
  it('has examples, each of which is read', () => {
    expect(EXAMPLES.length).toBeGreaterThan(3);
    expect(EXAMPLES).toHaveLength(PAGE.split('```yaml').length - 1);
  });

  it.each(EXAMPLES)('has an example without errors and warnings: $name', ({ text }) => {
    const { definition, diagnostics } = parseDefinition(text);
    expect(diagnostics.map(formatDiagnostic)).toEqual([]);
    expect(definition).not.toBeNull();
  });

  it('shows every kind of task in some example', () => {
    const tasks = EXAMPLES.flatMap(({ text }) => parseDefinition(text).definition?.phases ?? []).flatMap(
      (phase) => phase.tasks,
    );
    const shown = tasks.map(({ kind, executor, wait }) => executor?.type ?? wait?.type ?? kind);
    const kinds = [
      'agent',
      'approval',
      'http',
      'activity',
      'command',
      'subworkflow',
      'for_sec',
      'until',
      'when',
    ];
    for (const kind of kinds) expect(shown).toContain(kind);
  });

  it('lists every code with its severity and meaning', () => {
    const rows = Object.entries(DIAGNOSTIC_CODES).map(
      ([code, { severity, meaning }]) => `| \`${code}\` | ${severity} | ${meaning} |`,
    );
    const listed = PAGE.split('\n').filter((line) => /^\| `[a-z-]+` \| (error|warning) \|/.test(line));
    expect(listed).toEqual(rows);
  });

  it('lists the keywords and formats of schemas', () => {
    const section = PAGE.slice(PAGE.indexOf('## Schemas'), PAGE.indexOf('## Limits of a document'));
    const annotations = [
      '$schema',
      '$id',
      '$comment',
      'title',
      'description',
      'default',
      'examples',
      'deprecated',
    ];
    const named = Object.keys(KEYWORDS).filter(
      (key) => ![...annotations, 'readOnly', 'writeOnly'].includes(key),
    );
    for (const word of [...named, ...Object.keys(FORMATS)]) expect(section).toContain(`\`${word}\``);
  });
});
