import { describe, expect, it } from 'vitest';
import { startAudit } from '../../../../examples/repository-audit/demo/start-audit.js';
import type { StartRequest, WorkflowEngine } from '../../../../src/client/index.js';
import { PROJECT_ROOT } from '../../built-project.js';

type Engine = Parameters<typeof startAudit>[0];

/** An engine in memory: what is started is listed, open until `close`. */
function memoryEngine() {
  const started: { readonly id: string; readonly request: StartRequest; status: string }[] = [];
  const engine = {
    startWorkflowInstance: (request: StartRequest) => {
      const id = `wfi_${String(started.length)}`;
      started.unshift({ id, request, status: 'running' });
      return Promise.resolve({ instance_id: id });
    },
    listInstances: ({ feature_id: feature }: { readonly feature_id?: string }) =>
      Promise.resolve(
        started
          .filter(({ request }) => request.feature_id === feature)
          .map(({ id }) => ({ instance_id: id, status: 'running' })), // as a list that lags
      ),
    getWorkflowState: (id: string) => {
      const one = started.find((entry) => entry.id === id);
      return Promise.resolve({ status: one?.status, variables: one?.request.initial_context });
    },
  };
  const close = (id: string): void => {
    for (const one of started) if (one.id === id) one.status = 'completed';
  };
  return { engine: engine as unknown as Engine & WorkflowEngine, close, count: () => started.length };
}

const options = { projectRoot: PROJECT_ROOT, treePath: '/tree', dataDir: '/data', reportPath: '/r.md' };

describe('startAudit', () => {
  it('goes on with the open audit of the same tree, with its own folders', async () => {
    const { engine, count } = memoryEngine();
    const first = await startAudit(engine, options);
    expect(first.resumed).toBe(false);
    const again = await startAudit(engine, { ...options, reportPath: '/other.md' });
    expect(again).toEqual({ ...first, resumed: true });
    expect(count()).toBe(1);
  });

  it('starts one where the tree is another, or the first has closed though the list still says open', async () => {
    const { engine, close, count } = memoryEngine();
    const first = await startAudit(engine, options);
    expect((await startAudit(engine, { ...options, treePath: '/other' })).resumed).toBe(false);
    close(first.instanceId);
    expect((await startAudit(engine, options)).resumed).toBe(false);
    expect(count()).toBe(3);
  });
});
