/**
 * Search attributes: what lists show of an instance. An upsert costs half a step of the server's time, so there is at
 * most one a second: in the task at hand when the last was longer ago, else by the alarm; and one at the end.
 */
import { defineSearchAttributeKey, SearchAttributeType, type SearchAttributePair } from '@temporalio/common';
import { upsertMemo, upsertSearchAttributes, workflowInfo } from '@temporalio/workflow';
import type { InstanceState } from '../core/state.js';
import type { ParentLink } from '../core/command.js';
import { statusOf } from '../core/summary.js';
import { viewWaiting } from '../core/views.js';
import type { StartInput } from './messages.js';
import {
  toIndexText,
  SEARCH_ATTRIBUTES,
  UNPRICED_MEMO,
  type SearchAttributeName,
} from './search-attributes.js';

/** At least between one upsert and the next, and at most from a change to its upsert. */
export const PUBLISH_INTERVAL_MS = 1000;

type AttributeValue = string | number | string[];

/** The values of all search attributes, as the state is now. */
function attributesOf(state: InstanceState): Record<SearchAttributeName, AttributeValue> {
  return { ...lastingAttributesOf(state), ...changingAttributesOf(state) };
}

/** What stays as it is from the start to the end. */
function lastingAttributesOf(state: InstanceState) {
  return {
    ChatflowTenant: toIndexText(state.tenant_id),
    ChatflowFeature: toIndexText(state.feature_id),
    ChatflowSchema: toIndexText(`${state.definition.name}@${state.definition.version}`),
    ChatflowDepth: state.recursion_depth,
  } satisfies Partial<Record<SearchAttributeName, AttributeValue>>;
}

function changingAttributesOf(state: InstanceState) {
  return {
    ChatflowStatus: statusOf(state),
    ChatflowPhase: state.current?.phase ?? '',
    ChatflowWaitingFor: viewWaiting(state),
    // An integer of 64 bits is what the index takes, and 2^53 what a number holds exactly.
    ChatflowTokens: Math.min(Math.round(state.usage.tokens), Number.MAX_SAFE_INTEGER),
    ChatflowCostUsd: state.usage.cost_usd,
  } satisfies Partial<Record<SearchAttributeName, AttributeValue>>;
}

/** Of a child that was refused at its start: it stands in lists as what it is, though no instance came of it. */
export function publishRefusal(
  { tenant_id, feature_id, schema_id }: StartInput,
  { depth }: ParentLink,
): void {
  const values = {
    ChatflowTenant: toIndexText(tenant_id ?? 'default'),
    ChatflowFeature: toIndexText(feature_id),
    ChatflowSchema: toIndexText(schema_id ?? ''),
    ChatflowDepth: depth,
    ChatflowStatus: 'failed',
  } satisfies Partial<Record<SearchAttributeName, AttributeValue>>;
  upsertSearchAttributes(
    Object.entries(values).map(([name, value]) => pair(name as SearchAttributeName, value)),
  );
}

export class StatusPublisher {
  private published: Partial<Record<SearchAttributeName, AttributeValue>> = {};
  private publishedAt: number;
  private lastingArePublished = false;
  /** Tokens without a price, as the memo has them. */
  private unpriced: number;
  /** When the oldest change came that is not published. */
  private changedAt: number | null = null;

  constructor(engineVersion: number) {
    const info = workflowInfo();
    for (const { key, value } of info.typedSearchAttributes.getAll()) {
      this.published[key.name as SearchAttributeName] = value as AttributeValue;
    }
    this.unpriced = engineVersion < 9 ? 0 : Number(info.memo?.[UNPRICED_MEMO] ?? 0);
    // `runStartTime` is that of the first workflow task, and not always the same in a replay (ADR 12).
    this.publishedAt = (engineVersion < 8 ? info.runStartTime : info.startTime).getTime();
  }

  /** Whether an attribute was never set: a client that is not ours started the workflow. */
  get isIncomplete(): boolean {
    if (this.lastingArePublished) return false;
    return Object.keys(SEARCH_ATTRIBUTES).some(
      (name) => this.published[name as SearchAttributeName] === undefined,
    );
  }

  /** Upserts what has changed if it is time; says when it will be, or null where nothing is left to publish. */
  publish(state: InstanceState, now: number, force = false): number | null {
    const values = this.lastingArePublished ? changingAttributesOf(state) : attributesOf(state);
    const changed = this.changes(values);
    const unpriced = state.engine_version < 9 ? 0 : (state.usage.unpriced_tokens ?? 0);
    if (changed.length === 0 && unpriced === this.unpriced) {
      this.lastingArePublished = true;
      this.changedAt = null;
      return null;
    }
    if (!force && now < this.publishedAt + PUBLISH_INTERVAL_MS) {
      this.changedAt ??= now;
      return (state.engine_version < 2 ? this.publishedAt : this.changedAt) + PUBLISH_INTERVAL_MS;
    }
    if (changed.length > 0) upsertSearchAttributes(changed.map(([name, value]) => pair(name, value)));
    if (unpriced !== this.unpriced) upsertMemo({ [UNPRICED_MEMO]: unpriced });
    this.unpriced = unpriced;
    this.published = { ...this.published, ...Object.fromEntries(changed) };
    this.publishedAt = now;
    this.changedAt = null;
    this.lastingArePublished = true;
    return null;
  }

  private changes(
    values: Partial<Record<SearchAttributeName, AttributeValue>>,
  ): [SearchAttributeName, AttributeValue][] {
    const entries = Object.entries(values) as [SearchAttributeName, AttributeValue][];
    return entries.filter(([name, value]) => !isSame(this.published[name], value));
  }
}

function isSame(a: AttributeValue | undefined, b: AttributeValue): boolean {
  if (!Array.isArray(b)) return a === b;
  return Array.isArray(a)
    ? a.length === b.length && b.every((word, index) => a[index] === word)
    : a === undefined && b.length === 0;
}

function pair(name: SearchAttributeName, value: AttributeValue): SearchAttributePair {
  const key = defineSearchAttributeKey(name, SearchAttributeType[SEARCH_ATTRIBUTES[name]]);
  return { key, value } as SearchAttributePair;
}
