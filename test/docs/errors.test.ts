import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { ERRORS } from '../../src/core/errors.js';

const page = readFileSync(new URL('../../docs/errors.md', import.meta.url), 'utf8');
const sections = page.split(/^### /m).slice(1);
const headings = sections.map((section) => section.slice(0, section.indexOf('\n')).trim());

describe('docs/errors.md', () => {
  it('has one heading for each error of the registry, and no other', () => {
    expect([...headings].sort()).toEqual(Object.keys(ERRORS).sort());
  });

  it.each(Object.entries(ERRORS))('names the exit code of %s', (name, facts) => {
    const section = sections.find((text) => text.startsWith(`${name}\n`)) ?? '';
    const [, code] = /Exit\s+code (\d)/.exec(section) ?? [];
    expect(Number(code)).toBe(facts.exitCode);
  });
});
