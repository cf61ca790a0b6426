import { expect, it } from 'vitest';
import { tokenQuota } from '../../../../examples/repository-audit/demo/token-quota.js';

it('grows with the files and with the lists that name them', () => {
  expect(tokenQuota([])).toBe(1_000_000);
  expect(tokenQuota([{ path: 'a.ts', bytes: 980 }])).toBe(1_010_000);
});
