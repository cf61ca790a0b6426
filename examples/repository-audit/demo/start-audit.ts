import { createHash, randomUUID } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { WorkflowEngine } from '../../../src/client/index.js';
import type { DemoOptions } from './demo-options.js';
import { makeUnreadableFolder } from './make-unreadable-folder.js';
import { patiently } from './patiently.js';

const DEFINITION = 'repository-audit';
const OPEN: readonly string[] = ['created', 'running', 'paused'];

/** An audit that goes on. */
export interface StartedAudit {
  readonly instanceId: string;
  readonly workDir: string;
  readonly reportPath: string;
  /** It was open already: an earlier demo had started it. */
  readonly resumed: boolean;
}

/** What an audit is started with. */
export interface AuditOptions extends Pick<
  DemoOptions,
  'projectRoot' | 'treePath' | 'dataDir' | 'reportPath'
> {
  /** What the audit and its children may spend. */
  readonly maxTokens: number;
}

/**
 * Goes on with an audit of the same tree that an earlier demo left open; else starts one, which has a folder to audit
 * that nobody can open: how a child that fails is handled is a part of the demo.
 */
export async function startAudit(
  engine: Pick<WorkflowEngine, 'listInstances' | 'getWorkflowState' | 'startWorkflowInstance'>,
  options: AuditOptions,
): Promise<StartedAudit> {
  return (await findOpenAudit(engine, options.treePath)) ?? startNew(engine, options);
}

async function startNew(
  engine: Pick<WorkflowEngine, 'startWorkflowInstance'>,
  { projectRoot, treePath, dataDir, reportPath, maxTokens }: AuditOptions,
): Promise<StartedAudit> {
  const workDir = join(dataDir, 'audits', `audit_${randomUUID().slice(0, 8)}`);
  const schema = await readFile(join(projectRoot, 'examples', `${DEFINITION}.yaml`), 'utf8');
  const initial_context = {
    path: treePath,
    work_dir: workDir,
    report_path: reportPath,
    extra_folders: [await makeUnreadableFolder(workDir)],
  };
  const started = await patiently(() =>
    engine.startWorkflowInstance({
      schema,
      feature_id: featureOf(treePath),
      initial_context,
      resource_quota: { max_tokens: maxTokens },
      meta: { started_by: 'demo' },
    }),
  );
  if (started.instance_id === null) throw new Error('The engine started no instance');
  return { instanceId: started.instance_id, workDir, reportPath, resumed: false };
}

/** The newest that is open by its own word: the list may lag behind. */
async function findOpenAudit(
  engine: Pick<WorkflowEngine, 'listInstances' | 'getWorkflowState'>,
  treePath: string,
): Promise<StartedAudit | null> {
  const filter = { feature_id: featureOf(treePath), schema: DEFINITION };
  for (const { instance_id: instanceId, status } of await patiently(() => engine.listInstances(filter))) {
    if (!OPEN.includes(status)) continue;
    const state = await patiently(() => engine.getWorkflowState(instanceId));
    const { path, work_dir, report_path } = state.variables;
    if (!OPEN.includes(state.status) || path !== treePath) continue;
    if (typeof work_dir !== 'string' || typeof report_path !== 'string') continue;
    return { instanceId, workDir: work_dir, reportPath: report_path, resumed: true };
  }
  return null;
}

/** All audits of a tree belong to one feature: that is how an open one is found again. */
function featureOf(treePath: string): string {
  return `audit_${createHash('sha256').update(treePath).digest('hex').slice(0, 12)}`;
}
