import { expect, it } from 'vitest';
import { findRepeatedBlocks } from '../../../../examples/repository-audit/audit/find-repeated-blocks.js';
import type { FileText } from '../../../../examples/repository-audit/audit/audit-file.js';

const file = (path: string, text: string): FileText => ({
  path,
  language: 'typescript',
  kind: 'source',
  text,
});
const lines = (from: number, to: number): string =>
  Array.from({ length: to - from }, (_, index) => `call${String(from + index)}(a, b);\n`).join('');

it('reports a block that stands in two files once, at its later place, as long as it is', () => {
  const found = findRepeatedBlocks(
    [file('a.ts', lines(0, 20)), file('b.ts', `first();\n${lines(5, 15)}last();\n`)],
    8,
  );
  expect(found).toEqual([{ path: 'b.ts', line: 2, weight: 10, what: '10 lines as in a.ts:6' }]);
});

it('looks through indentation, comments and blank lines, and counts no imports and lone brackets', () => {
  const other = lines(0, 8)
    .split('\n')
    .map((line) => `    ${line}  // ${String(line.length)}\n\n`)
    .join('');
  const imports = Array.from(
    { length: 20 },
    (_, index) => `import { a${String(index)} } from './a.js';\n}\n`,
  ).join('');
  const found = findRepeatedBlocks([file('a.ts', imports + lines(0, 8)), file('b.ts', imports + other)], 8);
  expect(found.map(({ path, weight }) => ({ path, weight }))).toEqual([{ path: 'b.ts', weight: 8 }]);
});

it('finds repeats inside one file without letting a block overlap itself', () => {
  const found = findRepeatedBlocks([file('a.ts', lines(0, 8) + lines(0, 8))], 8);
  expect(found).toEqual([{ path: 'a.ts', line: 9, weight: 8, what: '8 lines as in a.ts:1' }]);
  const same = findRepeatedBlocks([file('a.ts', 'same(line);\n'.repeat(15))], 8);
  expect(same).toEqual([]);
});

it('says nothing of blocks below the limit and of files without code', () => {
  expect(findRepeatedBlocks([file('a.ts', lines(0, 7)), file('b.ts', lines(0, 7))], 8)).toEqual([]);
  expect(findRepeatedBlocks([], 8)).toEqual([]);
});
