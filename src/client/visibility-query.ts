/**
 * Builds queries for Temporal's visibility. Every value that comes from outside passes through `quote`: nothing a
 * caller sends can end a string and add a condition of its own.
 */
import type { InstanceStatus } from '../core/shapes.js';
import { WORKFLOW_TYPE } from '../workflows/messages.js';
import { toIndexText } from '../workflows/search-attributes.js';
import type { SearchAttributeName } from '../workflows/search-attributes.js';
import type { InstanceFilter } from './requests.js';

const EXECUTION_STATUS: Readonly<Partial<Record<InstanceStatus, readonly string[]>>> = {
  completed: ['Completed'],
  failed: ['Failed', 'TimedOut'],
  terminated: ['Terminated'],
  cancelled: ['Canceled'],
};

/** A string literal of the query language: backslashes and quotes escaped, as its parser (MySQL's) reads them. */
export function quote(value: string): string {
  return `'${value.replace(/\\/g, '\\\\').replace(/'/g, "\\'")}'`;
}

/** Whether a filter asks for what changes from run to run, so that a match may be of a run that is over. */
export function isVolatile(filter: InstanceFilter): boolean {
  return filter.status !== undefined || filter.phase !== undefined || filter.waiting_for !== undefined;
}

/** The query for every run of the instances that meet the lasting part of a filter, within a tenant (null: any). */
export function runsQuery(filter: InstanceFilter, tenant: string | null): string {
  return joinConditions([
    `WorkflowType = ${quote(WORKFLOW_TYPE)}`,
    ...equals('ChatflowTenant', tenant ?? filter.tenant_id),
    ...equals('ChatflowFeature', filter.feature_id),
    ...schemaCondition(filter.schema),
  ]);
}

/** The query for the runs that meet the whole filter, without those that went on in a new run. */
export function matchesQuery(filter: InstanceFilter, tenant: string | null): string {
  return joinConditions([
    runsQuery(filter, tenant),
    ...equals('ChatflowPhase', filter.phase),
    ...waitingCondition(filter.waiting_for),
    ...statusCondition(filter),
  ]);
}

/** The query for every run of these instances. */
export function idsQuery(instanceIds: readonly string[]): string {
  return `WorkflowType = ${quote(WORKFLOW_TYPE)} AND WorkflowId IN (${instanceIds.map(quote).join(', ')})`;
}

/** The query for every run of the instances of a tree. */
export function treeQuery(rootId: string): string {
  return `WorkflowType = ${quote(WORKFLOW_TYPE)} AND RootWorkflowId = ${quote(rootId)}`;
}

function joinConditions(conditions: readonly string[]): string {
  return conditions.join(' AND ');
}

function equals(attribute: SearchAttributeName, value: string | undefined): string[] {
  return value === undefined ? [] : [`${attribute} = ${quote(toIndexText(value))}`];
}

/** Names hold no `@`, so a name and its `@` begin exactly that definition's versions. */
function schemaCondition(schema: string | undefined): string[] {
  if (schema === undefined) return [];
  if (schema.includes('@')) return equals('ChatflowSchema', schema);
  return [`ChatflowSchema STARTS_WITH ${quote(toIndexText(`${schema}@`))}`];
}

function waitingCondition(kinds: InstanceFilter['waiting_for']): string[] {
  if (kinds === undefined || typeof kinds === 'string') return equals('ChatflowWaitingFor', kinds);
  return [`ChatflowWaitingFor IN (${kinds.map((kind) => quote(toIndexText(kind))).join(', ')})`];
}

/**
 * Closed statuses come from the execution, which knows also what ended without our code. In what has closed nothing
 * waits, whatever its last index says.
 */
function statusCondition({ status, waiting_for: waitingFor }: InstanceFilter): string[] {
  if (status === undefined) {
    return [waitingFor === undefined ? `ExecutionStatus != 'ContinuedAsNew'` : `ExecutionStatus = 'Running'`];
  }
  const closed = EXECUTION_STATUS[status];
  if (closed !== undefined) return [`ExecutionStatus IN (${closed.map(quote).join(', ')})`];
  return [`ExecutionStatus = 'Running'`, ...equals('ChatflowStatus', status)];
}
