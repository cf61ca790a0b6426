import { describe, expect, test } from 'vitest';
import { countFeature } from '../../src/client/list-instances.js';
import { collapseRuns } from '../../src/client/list-runs.js';
import type { RunSummary } from '../../src/client/list-runs.js';
import type { InstanceSummary } from '../../src/client/requests.js';
import type { InstanceStatus } from '../../src/core/shapes.js';

function run(id: string, startedAt: string, status: InstanceStatus, isLast = true): RunSummary {
  const instance: InstanceSummary = {
    instance_id: id,
    tenant_id: 'default',
    feature_id: 'F',
    workflow_name: 'w',
    schema_version: '1',
    status,
    current_phase: null,
    waiting_for: [],
    parent_instance_id: null,
    depth: 0,
    tokens: 0,
    cost_usd: 0,
    created_at: startedAt,
    closed_at: null,
  };
  return { instance, isLast };
}

describe('runs of one instance', () => {
  test('are one row: the latest run, begun when the first one began', () => {
    const runs = [
      run('a', '2026-01-01T00:00:03.000Z', 'running'),
      run('a', '2026-01-01T00:00:01.000Z', 'created', false),
      run('a', '2026-01-01T00:00:02.000Z', 'created', false),
    ];
    for (const order of [runs, [...runs].reverse()]) {
      expect(collapseRuns(order)).toMatchObject([
        { instance_id: 'a', status: 'running', created_at: '2026-01-01T00:00:01.000Z' },
      ]);
    }
  });

  test('a retried instance shows as what it is now, not as failed', () => {
    const rows = collapseRuns([
      run('a', '2026-01-01T00:00:01.000Z', 'failed'),
      run('a', '2026-01-01T00:00:09.000Z', 'completed'),
    ]);
    expect(rows.map((row) => row.status)).toEqual(['completed']);
  });

  test('an instance whose latest run is not in sight is left out', () => {
    expect(collapseRuns([run('a', '2026-01-01T00:00:01.000Z', 'created', false)])).toEqual([]);
  });

  test('of two runs that began in one millisecond the one that did not go on is the later', () => {
    const runs = [
      run('a', '2026-01-01T00:00:01.000Z', 'running'),
      run('a', '2026-01-01T00:00:01.000Z', 'created', false),
    ];
    expect(collapseRuns(runs)[0]?.status).toBe('running');
  });

  test('instances come newest first', () => {
    const rows = collapseRuns([
      run('old', '2026-01-01T00:00:01.000Z', 'running'),
      run('new', '2026-01-01T00:00:02.000Z', 'running'),
    ]);
    expect(rows.map((row) => row.instance_id)).toEqual(['new', 'old']);
  });
});

describe('the status of a feature', () => {
  const at = '2026-01-01T00:00:01.000Z';
  const of = (...statuses: InstanceStatus[]) =>
    countFeature(
      'F',
      statuses.map((status, index) => run(`i${index}`, at, status).instance),
    );

  test('counts add up', () => {
    const feature = of(
      'created',
      'running',
      'running',
      'paused',
      'completed',
      'failed',
      'terminated',
      'cancelled',
    );
    const { created_count, running_count, paused_count, completed_count } = feature;
    const { failed_count, terminated_count, cancelled_count } = feature;
    expect(running_count).toBe(2);
    expect(
      created_count +
        running_count +
        paused_count +
        completed_count +
        failed_count +
        terminated_count +
        cancelled_count,
    ).toBe(feature.total_instances);
  });

  test('is completed where some instance completed and none is open', () => {
    expect(of('completed', 'failed').status).toBe('completed');
    expect(of('completed', 'running').status).toBe('in_progress');
    expect(of('completed', 'paused').status).toBe('in_progress');
    expect(of('failed').status).toBe('in_progress');
    expect(of()).toMatchObject({ status: 'in_progress', total_instances: 0, latest_instance_id: null });
  });
});
