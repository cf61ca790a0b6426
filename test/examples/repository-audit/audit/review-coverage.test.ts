import { expect, it } from 'vitest';
import type { AnalysisResult, Manifest } from '../../../../examples/repository-audit/audit/audit-file.js';
import {
  collectFindings,
  describeUnread,
  reviewCoverage,
} from '../../../../examples/repository-audit/audit/review-coverage.js';

const manifest: Manifest = {
  path: '/tree',
  areas: ['src'],
  closedFolders: ['locked/'],
  files: [
    { path: 'a.ts', bytes: 1, kind: 'source', language: 'typescript', area: 'src' },
    { path: 'a.test.ts', bytes: 1, kind: 'test', language: 'typescript', area: 'src' },
    { path: 'a.png', bytes: 1, kind: 'other', language: 'other', area: null },
  ],
};

const result = (analysis: string, more: Partial<AnalysisResult>): AnalysisResult => ({
  analysis,
  round: 1,
  whole: false,
  covered: [],
  unreadable: [],
  findings: [],
  ...more,
});

it('knows what is due, covered over all rounds, unreadable and missing', () => {
  const results = [
    result('sizes', { covered: ['a.ts'], unreadable: [{ path: 'a.png', why: 'not text' }] }),
    result('sizes', { round: 2, covered: ['a.test.ts'] }),
    result('missing_tests', { covered: ['a.ts'] }),
  ];
  const review = reviewCoverage(manifest, results);
  expect(review.find((entry) => entry.analysis === 'sizes')).toEqual({
    analysis: 'sizes',
    due: 3,
    covered: 2,
    unreadable: 1,
    missing: [],
  });
  expect(review.find((entry) => entry.analysis === 'missing_tests')?.missing).toEqual([]);
  expect(review.find((entry) => entry.analysis === 'todos')?.missing).toEqual(['a.ts', 'a.test.ts', 'a.png']);
});

it('collects each finding once, the gravest first, and drops rounds that a whole one replaces', () => {
  const small = { path: 'a.ts', line: 1, weight: 1, what: 'small' };
  const large = { path: 'b.ts', line: 1, weight: 9, what: 'large' };
  const rounds = [
    result('todos', { findings: [small] }),
    result('todos', { round: 2, findings: [small, large] }),
    result('repeated_blocks', { whole: true, findings: [small] }),
    result('repeated_blocks', { round: 2, whole: true, findings: [large] }),
  ];
  expect(collectFindings(rounds, 'todos')).toEqual([large, small]);
  expect(collectFindings(rounds, 'repeated_blocks')).toEqual([large]);
});

it('says how much was not read and why, folders apart from files', () => {
  const open = { ...manifest, closedFolders: [] };
  expect(describeUnread(open, [])).toBe('');
  const big = { path: 'big.txt', why: 'too large' } as const;
  const image = { path: 'a.png', why: 'not text' } as const;
  const results = [result('sizes', { unreadable: [image, big] }), result('todos', { unreadable: [big] })];
  expect(describeUnread(open, results)).toBe('; not read: 2 (1 not text, 1 too large)');
  expect(describeUnread(manifest, results)).toBe('; not read: 2 (1 not text, 1 too large), and 1 folder');
});
