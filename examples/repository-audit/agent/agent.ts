/**
 * One agent of the audit, as a process of its own:
 * `node dist/examples/repository-audit/agent/agent.js --role sizes --instance wfi_…`
 * It looks for open tasks of its role, claims one, does the work, reports, and ends when the instance has closed.
 * Where it runs does not matter: it needs Temporal's address and the files of the tree.
 */
import { setTimeout as delay } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { createEngineLink, type AgentTask, type EngineLink } from './engine-link.js';
import { ROLES, type Work } from './roles.js';

const LEASE_SEC = 30;
const IDLE_MS = { first: 100, most: 500 } as const;

interface AgentOptions {
  readonly role: string;
  readonly work: Work;
  readonly link: EngineLink;
  readonly agentId: string;
}

function readOptions(): AgentOptions {
  const { values } = parseArgs({
    options: {
      role: { type: 'string', default: '' },
      instance: { type: 'string', default: '' },
      id: { type: 'string' },
      address: { type: 'string', default: process.env['TEMPORAL_ADDRESS'] ?? '127.0.0.1:7233' },
      namespace: { type: 'string', default: process.env['TEMPORAL_NAMESPACE'] ?? 'default' },
    },
  });
  const work = ROLES[values.role];
  if (work === undefined || values.instance === '') {
    throw new Error(`Usage: agent.js --role ${Object.keys(ROLES).join('|')} --instance wfi_…`);
  }
  const agentId = values.id ?? `${values.role}-${String(process.pid)}`;
  const { address, namespace, instance: instanceId } = values;
  const link = createEngineLink({
    address,
    namespace,
    instanceId,
    agentId,
    leaseSec: LEASE_SEC,
    patienceMs: 120_000,
  });
  return { role: values.role, work, link, agentId };
}

/** Works until the instance has closed. */
async function serveRole({ role, work, link, agentId }: AgentOptions): Promise<void> {
  let idleMs: number = IDLE_MS.first;
  for (;;) {
    const { closed, tasks } = await link.look();
    if (closed) return;
    const claimed = await claimFirst(
      link,
      tasks.filter((task) => isFree(task, role, agentId)),
    );
    if (claimed === null) {
      await delay(idleMs);
      idleMs = Math.min(idleMs * 1.5, IDLE_MS.most);
      continue;
    }
    idleMs = IDLE_MS.first;
    await doTask(link, work, claimed);
  }
}

/** A task of the role that nobody holds; one whose lease has run out may be taken over. */
function isFree(task: AgentTask, role: string, agentId: string): boolean {
  if (task.status !== 'open' || task.kind !== 'agent' || task.meta?.role !== role) return false;
  if (task.claimed_by === undefined || task.claimed_by === agentId) return true;
  return task.lease_expires_at !== undefined && Date.parse(task.lease_expires_at) < Date.now();
}

async function claimFirst(link: EngineLink, tasks: readonly AgentTask[]): Promise<AgentTask | null> {
  for (const task of tasks) {
    const claimed = await link.claim(task);
    if (claimed !== null) return claimed;
  }
  return null;
}

async function doTask(link: EngineLink, work: Work, task: AgentTask): Promise<void> {
  const stopHeartbeat = keepLease(link, task);
  try {
    const outcome = await workAndReport(link, work, task);
    console.log(`${new Date().toISOString()} ${task.task_id}: ${outcome}`);
  } finally {
    stopHeartbeat();
  }
}

async function workAndReport(link: EngineLink, work: Work, task: AgentTask): Promise<string> {
  try {
    return await link.complete(task, await work(task));
  } catch (error) {
    if (!(error instanceof Error)) throw error;
    console.error(`${task.task_id}: ${error.stack ?? error.message}`);
    // The definition decides what becomes of it: another attempt, another phase, the end.
    return `failed, ${await link.fail(task, { type: 'AuditWorkError', message: error.message })}`;
  }
}

/** Extends the lease while the work goes on. Losing it is no error: the report is then answered with `too_late`. */
function keepLease(link: EngineLink, task: AgentTask): () => void {
  const claimId = task.claim_id;
  if (claimId === undefined) return () => undefined;
  const timer = setInterval(
    () => {
      link.heartbeat(claimId).catch((error: unknown) => {
        console.error(`${task.task_id}: heartbeat failed: ${String(error)}`);
      });
    },
    (LEASE_SEC * 1000) / 3,
  );
  return () => {
    clearInterval(timer);
  };
}

// An agent that another process has forked ends with it.
process.on('disconnect', () => process.exit(0));
const options = readOptions();
await serveRole(options);
await options.link.close();
process.disconnect?.();
