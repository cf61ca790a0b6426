import { defineSearchAttributeKey } from '@temporalio/common';
import type { WorkflowExecutionInfo } from '@temporalio/client';
import { SEARCH_ATTRIBUTES, UNPRICED_MEMO, fromIndexText } from '../workflows/search-attributes.js';
import { DEFAULT_TENANT } from './default-tenant.js';
import { closedStatus, openStatus } from './instance-status.js';
import type { InstanceSummary } from './requests.js';

const KEYS = {
  tenant: defineSearchAttributeKey('ChatflowTenant', SEARCH_ATTRIBUTES.ChatflowTenant),
  feature: defineSearchAttributeKey('ChatflowFeature', SEARCH_ATTRIBUTES.ChatflowFeature),
  schema: defineSearchAttributeKey('ChatflowSchema', SEARCH_ATTRIBUTES.ChatflowSchema),
  status: defineSearchAttributeKey('ChatflowStatus', SEARCH_ATTRIBUTES.ChatflowStatus),
  phase: defineSearchAttributeKey('ChatflowPhase', SEARCH_ATTRIBUTES.ChatflowPhase),
  waitingFor: defineSearchAttributeKey('ChatflowWaitingFor', SEARCH_ATTRIBUTES.ChatflowWaitingFor),
  depth: defineSearchAttributeKey('ChatflowDepth', SEARCH_ATTRIBUTES.ChatflowDepth),
  tokens: defineSearchAttributeKey('ChatflowTokens', SEARCH_ATTRIBUTES.ChatflowTokens),
  costUsd: defineSearchAttributeKey('ChatflowCostUsd', SEARCH_ATTRIBUTES.ChatflowCostUsd),
} as const;

/** A row of Temporal's list as a row of ours. `created_at` is the start of this run. */
export function toSummary(run: WorkflowExecutionInfo): InstanceSummary {
  const attributes = run.typedSearchAttributes;
  const closed = closedStatus(run.status.name);
  const [name = '', version = ''] = splitSchema(textOf(attributes.get(KEYS.schema)) ?? '');
  return {
    instance_id: run.workflowId,
    tenant_id: textOf(attributes.get(KEYS.tenant)) ?? DEFAULT_TENANT,
    feature_id: textOf(attributes.get(KEYS.feature)) ?? '',
    workflow_name: name,
    schema_version: version,
    status: closed ?? openStatus(attributes.get(KEYS.status)),
    current_phase: attributes.get(KEYS.phase) || null,
    waiting_for: closed === null ? (attributes.get(KEYS.waitingFor) ?? []) : [],
    parent_instance_id: run.parentExecution?.workflowId ?? null,
    depth: attributes.get(KEYS.depth) ?? 0,
    tokens: attributes.get(KEYS.tokens) ?? 0,
    cost_usd: attributes.get(KEYS.costUsd) ?? 0,
    ...unpricedOf(run),
    created_at: run.startTime.toISOString(),
    closed_at: closed === null ? null : (run.closeTime?.toISOString() ?? null),
  };
}

function unpricedOf({ memo }: WorkflowExecutionInfo): Pick<InstanceSummary, 'unpriced_tokens'> {
  const unpriced = Number(memo?.[UNPRICED_MEMO] ?? 0);
  return unpriced > 0 ? { unpriced_tokens: unpriced } : {};
}

function textOf(attribute: string | undefined): string | null {
  return attribute === undefined ? null : fromIndexText(attribute);
}

/** `name@version`; the name holds no `@`, a version may. */
function splitSchema(schema: string): readonly string[] {
  const at = schema.indexOf('@');
  return at === -1 ? [schema] : [schema.slice(0, at), schema.slice(at + 1)];
}
