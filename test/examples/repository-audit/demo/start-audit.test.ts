import { opendir } from 'node:fs/promises';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
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
  const requests = (): readonly StartRequest[] => started.map(({ request }) => request);
  return { engine: engine as unknown as Engine & WorkflowEngine, close, requests };
}

const dataDir = mkdtempSync(join(tmpdir(), 'demo-audits-'));
const options = {
  ...{ projectRoot: PROJECT_ROOT, treePath: '/tree', reportPath: '/r.md' },
  ...{ dataDir, maxTokens: 1_000_000 },
};

afterAll(() => {
  rmSync(dataDir, { recursive: true, force: true });
});

describe('startAudit', () => {
  it('goes on with the open audit of the same tree, with its own folders', async () => {
    const { engine, requests } = memoryEngine();
    const first = await startAudit(engine, options);
    expect(first.resumed).toBe(false);
    const again = await startAudit(engine, { ...options, reportPath: '/other.md' });
    expect(again).toEqual({ ...first, resumed: true });
    expect(requests()).toHaveLength(1);
  });

  it('starts one where the tree is another, or the first has closed though the list still says open', async () => {
    const { engine, close, requests } = memoryEngine();
    const first = await startAudit(engine, options);
    expect((await startAudit(engine, { ...options, treePath: '/other' })).resumed).toBe(false);
    close(first.instanceId);
    expect((await startAudit(engine, options)).resumed).toBe(false);
    expect(requests()).toHaveLength(3);
  });

  it('bounds the audit by tokens, and gives it a folder of the demo’s own that nobody can open', async () => {
    const { engine, requests } = memoryEngine();
    const { workDir } = await startAudit(engine, options);
    const unreadable = join(workDir, 'unreadable');
    expect(requests()).toMatchObject([
      { resource_quota: { max_tokens: 1_000_000 }, initial_context: { extra_folders: [unreadable] } },
    ]);
    await expect(opendir(unreadable)).rejects.toMatchObject({ code: 'ELOOP' });
  });
});
