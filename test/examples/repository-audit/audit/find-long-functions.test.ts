import { describe, expect, it } from 'vitest';
import {
  findLongFunctions,
  listFunctions,
} from '../../../../examples/repository-audit/audit/find-long-functions.js';

const spans = (language: string, text: string): string[] =>
  listFunctions({ path: 'x', language, kind: 'source', text }).map(
    ({ name, line, lines }) => `${name}@${String(line)}+${String(lines)}`,
  );

describe('listFunctions', () => {
  it('finds functions, methods, accessors and arrows of TypeScript, and nothing that only looks like one', () => {
    const text = `export class A<T extends { a: string }> {
  constructor(private x: number) { super(); }
  static async foo<T>(a: { b: string }, c = {}): Promise<{ d: number }> {
    const { a, b } = x;
    if (a) { b(); } else { c(); }
    return new Foo({ a: 1 });
  }
  get x(): number { return 1; }
  private readonly f = async (a: number): Promise<void> => {
    for (const x of y) { z({ a: b }); }
  };
}
const o = { m() { return 1; }, n: function () { return 2; }, k: (x) => { return 3; } };
type X = { a(b: string): void };
interface Y { z: { a: 1 } }
const f = cond(a) ? { a: 1 } : { b: 2 };
foo(bar, { a: 1 });
label: while (x) { }
`;
    expect(spans('typescript', text)).toEqual([
      'constructor@2+1',
      'foo@3+5',
      'x@8+1',
      'f@9+3',
      'm@13+1',
      'n@13+1',
      'k@13+1',
    ]);
  });

  it('is not led astray by braces in strings, templates, comments and regular expressions', () => {
    const text = `function a() {
  // }
  /* } } */
  const s = "}" + '}' + \`} \${x} }\`;
  return /[}]{2}\\}/.test(s);
}
function b() {
  return 1;
}`;
    expect(spans('typescript', text)).toEqual(['a@1+6', 'b@7+3']);
  });

  it.each([
    [
      'go',
      'func (s *Server) Serve(ctx Context) (int, error) {\n  for i := 0; i < 3; i++ {\n  }\n  switch a {\n  }\n}\n',
      ['Serve@1+6'],
    ],
    [
      'java',
      'class A {\n  @Override\n  public Map<String, X> foo(int a) throws E {\n    if (a) { } else if (b) { }\n    try { } catch (E e) { }\n  }\n}',
      ['foo@2+5'],
    ],
    [
      'c',
      'static int foo(const char *s)\n{\n  do { x(); } while (1);\n}\nbool A::bar() const { return 1; }',
      ['foo@1+4', 'bar@5+1'],
    ],
    [
      'rust',
      "impl A for B {\n  pub fn a<'a>(&'a self) -> Result<(), E> {\n    match x { _ => {} }\n  }\n}",
      ['a@2+3'],
    ],
    ['php', '<?php\nfunction a($b): int { if ($b) { return 1; } return 2; }', ['a@1+2']],
    ['shell', 'foo() {\n  echo\n}\nfunction bar {\n  echo\n}', ['foo@1+3', 'bar@4+3']],
    ['ruby', 'class A\n  def foo(x)\n    if x\n    end\n  end\nend', ['foo@2+4']],
    ['yaml', 'a: { b: 1 }', []],
  ])('knows the blocks of %s', (language, text, expected) => {
    expect(spans(language, text)).toEqual(expected);
  });

  it('takes the extent of a Python function from its indentation, whatever its signature and strings look like', () => {
    const text = `class A:
    def foo(
        self,
    ):
        """text
def not_this():
"""
        return 1

    async def bar(self):
        def inner():
            pass
        return inner
x = 1
`;
    expect(spans('python', text)).toEqual(['foo@2+7', 'bar@10+4', 'inner@11+2']);
  });
});

describe('listFunctions on data', () => {
  it('takes no time for long lines without braces and for deep nesting', () => {
    const words = 'word '.repeat(200_000);
    expect(spans('typescript', `const a = [${words}{}];\nfunction b() {\n}\n`)).toEqual(['b@2+2']);
    expect(spans('javascript', '{'.repeat(100_000) + '}'.repeat(100_000))).toEqual([]);
  });
});

describe('findLongFunctions', () => {
  it('reports functions above the limit only, with their length as weight', () => {
    const text = `function short() {\n}\nfunction long() {\n${'  x();\n'.repeat(5)}}\n`;
    const file = { path: 'a.ts', language: 'typescript', kind: 'source', text } as const;
    expect(findLongFunctions(file, 6)).toEqual([{ path: 'a.ts', line: 3, weight: 7, what: 'long: 7 lines' }]);
    expect(findLongFunctions(file, 7)).toEqual([]);
  });
});
