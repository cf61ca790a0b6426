import { expect, test } from 'vitest';
import { fromIndexText, mayBeCut, toIndexText } from '../../src/workflows/search-attributes.js';

test.each([['feat_user_auth'], ['DM-7'], ['team/a:b@c d.e'], ['Grüße 你好 🚀'], ['review@1.0-beta+2']])(
  '%s stands in the index as it is',
  (text) => {
    expect(toIndexText(text)).toBe(text);
  },
);

test.each([['100%'], ['%27'], ["it's"], ['a"b'], ['a\\b\\n'], ['line\nbreak\ttab\u0000'], ["''"]])(
  '%j comes back, and holds nothing that the query language would escape',
  (text) => {
    expect(toIndexText(text)).not.toMatch(/['"\\\p{Cc}]/u);
    expect(fromIndexText(toIndexText(text))).toBe(text);
  },
);

test('different texts never meet in the index', () => {
  expect(toIndexText("a'")).not.toBe(toIndexText('a%27'));
});

test('at most 255 characters are kept, and none of them half', () => {
  const cut = toIndexText(`${'x'.repeat(254)}🚀🚀`);
  expect(cut).toBe('x'.repeat(254));
  expect(mayBeCut(cut)).toBe(true);
  expect(toIndexText('x'.repeat(300))).toHaveLength(255);
  expect(mayBeCut(toIndexText('x'.repeat(200)))).toBe(false);
});
