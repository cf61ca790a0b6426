import { readFile } from 'node:fs/promises';
import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { COMMANDS } from '../../src/surfaces/cli/commands.js';
import { PROJECT_ROOT } from './built-project.js';
import { loadText } from './load-example.js';
import { readMarkdownBlocks } from './markdown-blocks.js';

const PAGES = ['README.md', 'docs/getting-started.md', 'docs/architecture.md', 'docs/glossary.md'];

describe.each(PAGES)('%s', async (page) => {
  const text = await readFile(join(PROJECT_ROOT, page), 'utf8');
  const definitions = readMarkdownBlocks(text).filter((block) => block.language === 'yaml');

  it('holds only definitions that are valid as they stand, without a warning', () => {
    for (const { text: definition } of definitions) {
      expect(() => loadText(definition, page), definition).not.toThrow();
    }
  });

  it('names only commands that the CLI has', () => {
    const named = [...text.matchAll(/npx chatflow ([a-z]+)/g)].map((match) => match[1] ?? '');
    const known = new Set(COMMANDS.map((command) => command.name));
    expect(named.filter((name) => !known.has(name))).toEqual([]);
  });

  it('links only to files that are there', () => {
    const links = [...text.matchAll(/\]\((?!https?:)([^)#]+)\)/g)].map((match) => match[1] ?? '');
    expect(links.filter((link) => !existsSync(join(PROJECT_ROOT, dirname(page), link)))).toEqual([]);
  });
});
