import { expect, it } from 'vitest';
import { findTodos } from '../../../../examples/repository-audit/audit/find-todos.js';

const todos = (language: string, text: string): string[] =>
  findTodos({ path: 'x', language, kind: 'source', text }).map(({ line, what }) => `${String(line)} ${what}`);

it('finds marks in comments with their owner and words', () => {
  const text = 'a(); // TODO: tidy up\n/*\n * FIXME(ann): breaks on empty input */\n// HACK\n';
  expect(todos('typescript', text)).toEqual([
    '1 TODO: tidy up',
    '3 FIXME (ann): breaks on empty input',
    '4 HACK: no words',
  ]);
});

it('leaves strings, names and prose about marks alone', () => {
  const text =
    'const a = "TODO: not this"; TODO();\n// the TODO list is long\n/** TODO, FIXME and the like */\n';
  expect(todos('typescript', text)).toEqual([]);
});

it('takes a line that begins with a mark for one where there is no code', () => {
  expect(
    todos('other', '# Plan\n- TODO: write this\n- [ ] FIXME: and this\nWe keep no TODO: here.\n'),
  ).toEqual(['2 TODO: write this', '3 FIXME: and this']);
});

it('weighs a FIXME more than a TODO', () => {
  const [first, second] = findTodos({
    path: 'x',
    language: 'python',
    kind: 'source',
    text: '# TODO: a\n# FIXME: b\n',
  });
  expect(second?.weight).toBeGreaterThan(first?.weight ?? Infinity);
});

it('takes no time for data in one long line', () => {
  const data = `{"a": "${'x y '.repeat(500_000)}TODO: no"}`;
  expect(todos('other', data)).toEqual([]);
  expect(todos('typescript', `const a = ${data};${' '.repeat(1_000_000)}// ${'y '.repeat(500_000)}`)).toEqual(
    [],
  );
});
