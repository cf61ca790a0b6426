import { randomUUID } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { WorkflowEngine } from '../../../src/client/index.js';
import type { DemoOptions } from './demo-options.js';
import { patiently } from './patiently.js';

/** An audit that has been started. */
export interface StartedAudit {
  readonly instanceId: string;
  readonly workDir: string;
}

/** Starts `repository-audit.yaml` on the tree of the demo. */
export async function startAudit(
  engine: WorkflowEngine,
  options: Pick<DemoOptions, 'projectRoot' | 'treePath' | 'dataDir' | 'reportPath'>,
): Promise<StartedAudit> {
  const feature = `audit_${randomUUID().slice(0, 8)}`;
  const workDir = join(options.dataDir, 'audits', feature);
  const schema = await readFile(join(options.projectRoot, 'examples', 'repository-audit.yaml'), 'utf8');
  const started = await patiently(() =>
    engine.startWorkflowInstance({
      schema,
      feature_id: feature,
      initial_context: { path: options.treePath, work_dir: workDir, report_path: options.reportPath },
      meta: { started_by: 'demo' },
    }),
  );
  if (started.instance_id === null) throw new Error('The engine started no instance');
  return { instanceId: started.instance_id, workDir };
}
