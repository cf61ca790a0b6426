/**
 * One agent of the audit, as a process of its own:
 * `node dist/examples/repository-audit/agent/agent.js --role sizes --instance wfi_…`
 * It looks for open tasks of its role in the instance and, where its role has some there, in the children; claims one,
 * does the work, reports what it has found and spent, and ends when the instance has closed.
 * Where it runs does not matter: it needs Temporal's address and the files of the tree.
 */
import { setTimeout as delay } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { FolderUnreadableError } from '../audit/open-folder.js';
import { createEngineLink, type AgentTask, type EngineLink, type InstanceLink } from './engine-link.js';
import { ROLES, type Role } from './roles.js';
import { walkTree, type Visited } from './walk-tree.js';
import type { Work } from './work.js';

const LEASE_SEC = 30;
const IDLE_MS = { first: 100, most: 500 } as const;

interface AgentOptions {
  readonly instanceId: string;
  readonly role: Role;
  readonly link: EngineLink;
  /** Whether a task may be claimed. */
  readonly isFree: (task: AgentTask) => boolean;
}

/** A task that was claimed, with the instance it stands in. */
interface ClaimedTask {
  readonly instance: InstanceLink;
  readonly task: AgentTask;
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
  const role = ROLES[values.role];
  if (role === undefined || values.instance === '') {
    throw new Error(`Usage: agent.js --role ${Object.keys(ROLES).join('|')} --instance wfi_…`);
  }
  const agentId = values.id ?? `${values.role}-${String(process.pid)}`;
  const { address, namespace, instance: instanceId } = values;
  const link = createEngineLink({ address, namespace, agentId, leaseSec: LEASE_SEC, patienceMs: 120_000 });
  return { instanceId, role, link, isFree: (task) => isFree(task, values.role, agentId) };
}

/** Works until the instance has closed. */
async function serveRole(options: AgentOptions): Promise<void> {
  let idleMs: number = IDLE_MS.first;
  for (;;) {
    const { open, done } = await workThrough(options);
    if (!open) return;
    if (done > 0) {
      idleMs = IDLE_MS.first;
      continue;
    }
    await delay(idleMs);
    idleMs = Math.min(idleMs * 1.5, IDLE_MS.most);
  }
}

/** Goes through the instance, or the tree, once, and does what is free there. */
async function workThrough({ instanceId, role, link, isFree: free }: AgentOptions): Promise<{
  readonly open: boolean;
  readonly done: number;
}> {
  let [open, done] = [false, 0];
  for await (const visited of walkTree(link, instanceId, { throughTree: role.throughTree ?? false })) {
    open = true;
    done += await doFreeTasks(visited, free, role.work);
  }
  return { open, done };
}

async function doFreeTasks(
  { instance, view }: Visited,
  free: AgentOptions['isFree'],
  work: Work,
): Promise<number> {
  let done = 0;
  for (const task of view.tasks.filter(free)) {
    const claimed = await instance.claim(task);
    if (claimed === null) continue; // another agent was first
    await doTask({ instance, task: claimed }, work);
    done += 1;
  }
  return done;
}

/** A task of the role that nobody holds; one whose lease has run out may be taken over. */
function isFree(task: AgentTask, role: string, agentId: string): boolean {
  if (task.status !== 'open' || task.kind !== 'agent' || task.meta?.role !== role) return false;
  if (task.claimed_by === undefined || task.claimed_by === agentId) return true;
  return task.lease_expires_at !== undefined && Date.parse(task.lease_expires_at) < Date.now();
}

async function doTask(claimed: ClaimedTask, work: Work): Promise<void> {
  const stopHeartbeat = keepLease(claimed);
  try {
    const outcome = await workAndReport(claimed, work);
    console.log(`${new Date().toISOString()} ${claimed.task.task_id}: ${outcome}`);
  } finally {
    stopHeartbeat();
  }
}

async function workAndReport({ instance, task }: ClaimedTask, work: Work): Promise<string> {
  try {
    const done = await work(task);
    return `${await instance.complete(task, done)}, ${String(done.tokens)} tokens`;
  } catch (error) {
    if (!(error instanceof Error)) throw error;
    console.error(`${task.task_id}: ${error.stack ?? error.message}`);
    return `failed, ${await reportFailure(instance, task, error)}`;
  }
}

/** The definition decides what becomes of it: another attempt, another phase, the end. */
function reportFailure(instance: InstanceLink, task: AgentTask, error: Error): Promise<string> {
  const type = error instanceof FolderUnreadableError ? error.name : 'AuditWorkError';
  return instance.fail(task, { type, message: error.message });
}

/** Extends the lease while the work goes on. Losing it is no error: the report is then answered with `too_late`. */
function keepLease({ instance, task }: ClaimedTask): () => void {
  const claimId = task.claim_id;
  if (claimId === undefined) return () => undefined;
  const timer = setInterval(
    () => {
      instance.heartbeat(claimId).catch((error: unknown) => {
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
