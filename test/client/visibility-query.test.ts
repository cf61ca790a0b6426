import { describe, expect, test } from 'vitest';
import { idsQuery, matchesQuery, quote, runsQuery } from '../../src/client/visibility-query.js';

describe('queries of the visibility language', () => {
  test('a value cannot end its string', () => {
    expect(quote("x' OR 'a' = 'a")).toBe("'x\\' OR \\'a\\' = \\'a'");
    expect(quote('x\\')).toBe("'x\\\\'");
    expect(quote("\\' OR 1=1 --")).toBe("'\\\\\\' OR 1=1 --'");
  });

  test('a tenant-bound client asks for its own tenant whatever the filter says', () => {
    expect(runsQuery({ tenant_id: 'other' }, 'mine')).toBe(
      "WorkflowType = 'chatflow' AND ChatflowTenant = 'mine'",
    );
  });

  test('a name means every version, a name with a version that one', () => {
    expect(runsQuery({ schema: 'review' }, null)).toContain("ChatflowSchema STARTS_WITH 'review@'");
    expect(runsQuery({ schema: 'review@1.2' }, null)).toContain("ChatflowSchema = 'review@1.2'");
  });

  test('closed statuses come from the execution, open ones from the instance', () => {
    expect(matchesQuery({ status: 'failed' }, null)).toContain("ExecutionStatus IN ('Failed', 'TimedOut')");
    expect(matchesQuery({ status: 'paused' }, null)).toContain(
      "ExecutionStatus = 'Running' AND ChatflowStatus = 'paused'",
    );
    expect(matchesQuery({ phase: 'code' }, null)).toContain("ExecutionStatus != 'ContinuedAsNew'");
  });

  test('a value is cut as the attribute is', () => {
    expect(runsQuery({ feature_id: 'f'.repeat(300) }, null)).toContain(`'${'f'.repeat(255)}'`);
  });

  test('ids are quoted one by one', () => {
    expect(idsQuery(['a', "b'c"])).toBe("WorkflowType = 'chatflow' AND WorkflowId IN ('a', 'b\\'c')");
  });
});
