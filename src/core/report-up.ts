/**
 * What an instance tells the one above it while it is open. Its end says the rest by itself, so one that is short-lived
 * tells nothing: `created` to `running` is no news, and neither is what 5 seconds have not made worth telling. A parent
 * that has heard much asks for less (`report-pace`).
 */
import type { Json } from '../json/json.js';
import type { ResourceQuota } from '../definition/definition.js';
import { reservedIn, SUBTRACTED } from './quota.js';
import type { InstanceStatus } from './shapes.js';
import type { SubtreeReport, TreeFigures } from './child-state.js';
import type { InstanceState } from './state.js';
import { statusOf } from './summary.js';
import { figuresOf } from './tree-figures.js';
import type { Turn } from './turn.js';
import { viewStatusInfo } from './views.js';

/** The signal in which a report travels: the engine's own. */
export const REPORT_SIGNAL = 'report_subtree';

/** From a change to its report, at most; and from one report to the next, where usage asks for it. */
const PATIENCE_MS = 5000;
const AT_ONCE_MS = 1000;
/** Usage that is worth a report: a share of what was left. */
const SHARE = 0.05;
/** Reports of an instance from which on its news, too, are a second apart. */
const FREE_NEWS = 50;
const DEADLINE = 'report';

/** Tells the parent what is worth telling, or sets the time at which it will be. */
export function reportUp(turn: Turn): void {
  const { state } = turn;
  if (state.parent_instance_id === null || state.closed_at !== null || state.engine_version < 5) return;
  const figures = figuresOf(state);
  const last = state.reported ?? firstReport(state);
  const phase = state.current?.phase ?? null;
  const isElsewhere = state.status !== 'created' && last.phase !== phase;
  const limits = limitsToTell(state);
  const areSame = isSame(last.figures, figures) && sameLimits(last, limits);
  if (areSame && last.status === statusOf(state) && !isElsewhere) return;
  const dueAt = dueTime(turn, last, { figures, ...limits });
  if (turn.at < dueAt) {
    const known = state.deadlines[DEADLINE];
    if (!known || known.at > dueAt) turn.setDeadline(DEADLINE, { at: dueAt, kind: 'report' });
    return;
  }
  turn.clearDeadline(DEADLINE);
  const sent = state.engine_version < 8 ? {} : { sent: (last.sent ?? 0) + 1 };
  state.reported = { at: turn.at, status: statusOf(state), phase, figures, ...limits, ...sent };
  const report = makeReport(state, turn.at);
  turn.command({
    type: 'signal_parent',
    signal: REPORT_SIGNAL,
    argument: { instance_id: state.instance_id, report: report as unknown as Json },
  });
}

/** What was told last, and what would be told now. */
type Told = Pick<NonNullable<InstanceState['reported']>, 'figures' | 'reserved' | 'extended'>;

/** What else of its limits the one above reckons with. */
function limitsToTell(state: InstanceState): Pick<SubtreeReport, 'reserved' | 'extended'> {
  if (state.engine_version < 9) return {};
  const reserved = reservedIn(state);
  const extended = extensionOf(state);
  return { ...(reserved && { reserved }), ...(extended && { extended }) };
}

/** What was set aside for it and is more now: somebody has extended it. */
function extensionOf({ quota_granted = {}, resource_quota }: InstanceState): ResourceQuota | undefined {
  const extended = SUBTRACTED.flatMap((name) => {
    const [granted, limit] = [quota_granted[name], resource_quota[name]];
    return granted !== undefined && limit !== undefined && limit > granted ? [[name, limit]] : [];
  });
  return extended.length === 0 ? undefined : (Object.fromEntries(extended) as ResourceQuota);
}

function sameLimits(a: Omit<Told, 'figures'>, b: Omit<Told, 'figures'>): boolean {
  return areEqual(a.extended, b.extended) && areEqual(a.reserved, b.reserved);
}

function areEqual(a: ResourceQuota = {}, b: ResourceQuota = {}): boolean {
  return SUBTRACTED.every((name) => a[name] === b[name]);
}

function dueTime(turn: Turn, last: NonNullable<InstanceState['reported']>, now: Told): number {
  const { state } = turn;
  const isExtended = !areEqual(last.extended, now.extended);
  if (!isNews(last.status, statusOf(state)) && !isExtended) return last.at + waitFor(state, last, now);
  // Whoever pauses and resumes all the time must not fill the history of the one above.
  const isOften = state.report_sec !== undefined || (last.sent ?? 0) >= FREE_NEWS;
  return isOften && state.engine_version >= 8 ? last.at + atOnceMs(state) : turn.at;
}

/** What is told of a subtree, as it is now. */
export function makeReport(state: InstanceState, at: number): SubtreeReport {
  const { schema_digest } = state;
  return {
    info: viewStatusInfo(state),
    figures: figuresOf(state),
    as_of: at,
    ...limitsToTell(state),
    ...(schema_digest === undefined ? {} : { schema_digest }),
  };
}

/** What the parent knows from the start alone. */
function firstReport({ created_at, recursion_depth }: InstanceState): NonNullable<InstanceState['reported']> {
  const figures: TreeFigures = { nodes: { created: 1 }, max_depth: recursion_depth, tokens: 0, cost_usd: 0 };
  return { at: created_at, status: 'created', phase: null, figures };
}

function isNews(before: InstanceStatus, after: InstanceStatus): boolean {
  return before !== after && !(before === 'created' && after === 'running');
}

function waitFor(state: InstanceState, before: Told, after: Told): number {
  const { max_tokens, max_cost_usd } = state.resource_quota;
  const isMuch =
    passesShare(max_tokens, tokensOf(before), tokensOf(after)) ||
    passesShare(max_cost_usd, costOf(before), costOf(after));
  return isMuch ? atOnceMs(state) : Math.max(PATIENCE_MS, (state.report_sec ?? 0) * 1000);
}

/** What others may not have any more: spent, or set aside. */
function tokensOf({ figures, reserved }: Told): number {
  return figures.tokens + (reserved?.max_tokens ?? 0);
}

function costOf({ figures, reserved }: Told): number {
  return figures.cost_usd + (reserved?.max_cost_usd ?? 0);
}

/** A parent that asks for less asks for less of everything but the end. */
function atOnceMs({ report_sec }: InstanceState): number {
  return Math.max(AT_ONCE_MS, ((report_sec ?? 0) * 1000) / 5);
}

function passesShare(limit: number | undefined, before: number, after: number): boolean {
  return limit !== undefined && after - before >= Math.max(0, limit - before) * SHARE && after > before;
}

function isSame(a: TreeFigures, b: TreeFigures): boolean {
  const statuses = new Set([...Object.keys(a.nodes), ...Object.keys(b.nodes)]) as Set<InstanceStatus>;
  return (
    a.tokens === b.tokens &&
    a.cost_usd === b.cost_usd &&
    a.max_depth === b.max_depth &&
    [...statuses].every((status) => a.nodes[status] === b.nodes[status])
  );
}
