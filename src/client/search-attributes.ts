import { TypedSearchAttributes, defineSearchAttributeKey } from '@temporalio/common';
import type { InstanceState } from '../core/state.js';
import { statusOf } from '../core/summary.js';
import { viewWaiting } from '../core/views.js';
import { SEARCH_ATTRIBUTES, toIndexText } from '../workflows/search-attributes.js';

const TENANT = defineSearchAttributeKey('ChatflowTenant', SEARCH_ATTRIBUTES.ChatflowTenant);
const FEATURE = defineSearchAttributeKey('ChatflowFeature', SEARCH_ATTRIBUTES.ChatflowFeature);
const SCHEMA = defineSearchAttributeKey('ChatflowSchema', SEARCH_ATTRIBUTES.ChatflowSchema);
const STATUS = defineSearchAttributeKey('ChatflowStatus', SEARCH_ATTRIBUTES.ChatflowStatus);
const PHASE = defineSearchAttributeKey('ChatflowPhase', SEARCH_ATTRIBUTES.ChatflowPhase);
const WAITING_FOR = defineSearchAttributeKey('ChatflowWaitingFor', SEARCH_ATTRIBUTES.ChatflowWaitingFor);
const DEPTH = defineSearchAttributeKey('ChatflowDepth', SEARCH_ATTRIBUTES.ChatflowDepth);
const TOKENS = defineSearchAttributeKey('ChatflowTokens', SEARCH_ATTRIBUTES.ChatflowTokens);
const COST_USD = defineSearchAttributeKey('ChatflowCostUsd', SEARCH_ATTRIBUTES.ChatflowCostUsd);

/** What an instance's index says of it in this state, so that its first workflow task has nothing to correct. */
export function searchAttributesOf(state: InstanceState): TypedSearchAttributes {
  const { definition, current } = state;
  return new TypedSearchAttributes([
    { key: TENANT, value: toIndexText(state.tenant_id) },
    { key: FEATURE, value: toIndexText(state.feature_id) },
    { key: SCHEMA, value: toIndexText(`${definition.name}@${definition.version}`) },
    { key: STATUS, value: statusOf(state) },
    { key: PHASE, value: current?.phase ?? '' },
    { key: WAITING_FOR, value: viewWaiting(state) },
    { key: DEPTH, value: state.recursion_depth },
    { key: TOKENS, value: Math.round(state.usage.tokens) },
    { key: COST_USD, value: state.usage.cost_usd },
  ]);
}
