import { expect, it } from 'vitest';
import { withBudget } from '../../../../examples/repository-audit/agent/with-budget.js';
import type { AuditFile } from '../../../../examples/repository-audit/audit/audit-file.js';

const file = (bytes: number): AuditFile => ({
  ...{ path: 'a.ts', kind: 'source', language: 'typescript', area: 'src' },
  bytes,
});

it('grants an area what four subfolders with all its files ask for together', () => {
  for (const bytes of [0, 1, 3, 4097, 1_000_003]) {
    const parts = Array.from({ length: 4 }, () => [file(bytes)]);
    const asked = parts.map((files) => withBudget('src/x', files, 'subfolder').max_tokens);
    const { max_tokens } = withBudget('src', parts.flat(), 'area');
    expect(asked.reduce((sum, one) => sum + one, 0)).toBeLessThanOrEqual(max_tokens);
  }
});
