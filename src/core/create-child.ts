/** Making children: what is granted to one, its id, its place in the queue. Starting it is `start-child`'s. */
import { NUMBER_RANGES, type NumberRange } from '../json/number-ranges.js';
import type { ResourceQuota, ResourceQuotaTemplate } from '../definition/definition.js';
import { digest } from '../json/canonical-json.js';
import { jsonSize } from '../json/json-size.js';
import type { JsonObject } from '../json/json.js';
import type { Problem } from './errors.js';
import { Fault } from './fault.js';
import { LIMITS } from './limits.js';
import { leftOf, SUBTRACTED, takenOf } from './quota.js';
import { pausingLimits, sharesOf } from './shared-quota.js';
import type { Grant } from './grant.js';
import type { ChildDefinition, ChildRequest, ChildState } from './child-state.js';
import type { Turn, Writable } from './turn.js';

/** What a child is made from. */
export interface ChildWish extends Pick<ChildRequest, 'seed' | 'context'> {
  readonly definition: ChildDefinition;
  readonly schema: string;
  /** Of the parent's variables; `context` comes over them. */
  readonly inherited: JsonObject;
  readonly meta: JsonObject;
  /** What is asked for; absent: it shares what its parent has left. */
  readonly quota: ResourceQuota;
  readonly of: Pick<ChildState, 'task' | 'request_id' | 'request_digest' | 'on_failure'>;
}

/**
 * Makes a child and sets aside what it is to have of its own. It starts when there is room.
 * @throws Fault `MaxRecursionDepthExceededError`, `QuotaExceededError`, `PayloadTooLargeError`: nothing has changed
 */
export function createChild(turn: Turn, wish: ChildWish): ChildState {
  checkDepth(turn);
  checkSize({ ...wish.inherited, ...wish.context });
  const grant = grantQuota(turn, wish.quota);
  const order = turn.nextOrder();
  const id = drawId(turn, order);
  turn.state.child_count = (turn.state.child_count ?? 0) + 1;
  const child = turn.putChild({
    id,
    order,
    schema: wish.schema,
    stage: 'queued',
    status: 'created',
    created_at: turn.at,
    request: requestOf(turn, wish, grant),
    set_aside: grant.own,
    ...(turn.state.engine_version < 9 ? {} : { share: sharesOf(grant) }),
    ...wish.of,
  });
  turn.state.queue = [...turn.state.queue, queueKey(id)];
  return child;
}

function requestOf({ state }: Turn, wish: ChildWish, grant: Grant): ChildRequest {
  const { definition, inherited, context, meta } = wish;
  const seed = wish.seed === undefined ? {} : { seed: wish.seed };
  if (state.engine_version < 6)
    return { definition, context: { ...inherited, ...context }, meta, grant, ...seed };
  // One that was asked for at run time has nothing else to be told from when it starts.
  return wish.of.task === undefined
    ? { definition, context: { ...inherited, ...context }, meta, grant }
    : { context, grant, ...seed };
}

const QUEUED = 'child:';

/** Under which key a child stands in the queue, beside the ids of tasks. */
export function queueKey(childId: string): string {
  return `${QUEUED}${childId}`;
}

/** The child that a key of the queue means; undefined for a task's. */
export function queuedChild(key: string): string | undefined {
  return key.startsWith(QUEUED) ? key.slice(QUEUED.length) : undefined;
}

/** Twelve hex digits of a digest: the same in a replay, and no other child's of this instance. */
export function drawId({ state }: Turn, order: number): string {
  return `wfi_${digest([state.instance_id, order]).slice(0, 12)}`;
}

function checkDepth({ state }: Turn): void {
  const { recursion_depth, max_recursion_depth, instance_id } = state;
  const current = recursion_depth + 1;
  if (current > max_recursion_depth)
    throw new Fault(tooDeep({ current, max: max_recursion_depth, instance_id }));
}

/** The refusal of a child that would be too deep. */
function tooDeep(facts: {
  readonly current: number;
  readonly max: number;
  readonly instance_id: string;
}): Problem {
  return {
    type: 'MaxRecursionDepthExceededError',
    message: `A child at depth ${facts.current} is deeper than ${facts.max}, the lowest limit of the engine, the definition and those above it [instance_id=${facts.instance_id}]`,
    details: facts,
  };
}

function checkSize(variables: JsonObject): void {
  const size_bytes = jsonSize(variables);
  const limit = LIMITS.inheritedBytes;
  if (size_bytes <= limit) return;
  throw new Fault({
    type: 'PayloadTooLargeError',
    message: `A child would start with ${size_bytes} bytes of variables, the limit is ${limit}: name those it needs in \`inherit\``,
    details: { limit, size_bytes },
  });
}

/** What the child may use. What is asked for must be there; what is not asked for is bounded by what is left. */
function grantQuota(turn: Turn, asked: ResourceQuota): Grant {
  const { state, at } = turn;
  const left: Writable<ResourceQuota> = {};
  for (const name of [...SUBTRACTED, 'max_duration_sec'] as const) {
    const there = leftOf(state, name, at);
    if (there !== undefined) left[name] = there;
  }
  const limit = state.resource_quota.max_children;
  if (limit !== undefined) {
    if (leftOf(state, 'max_children', at) === 0) throw new Fault(tooMuch(turn, 'max_children', 1));
    left.max_children = limit;
  }
  for (const name of SUBTRACTED) {
    const wanted = asked[name];
    const there = left[name];
    if (there === undefined) continue;
    const hasNone = state.engine_version >= 6 && there === 0;
    if (hasNone || (wanted !== undefined && wanted > there))
      throw new Fault(tooMuch(turn, name, wanted ?? 0));
  }
  if (state.engine_version < 7) return { own: asked, left };
  return { own: asked, left, pauses: pausingLimits(state) };
}

/** The refusal of what an instance has not left. */
export function tooMuch({ state, at }: Turn, quota: keyof ResourceQuota, requested: number): Problem {
  const limit = state.resource_quota[quota] ?? 0;
  const used = state.engine_version < 9 ? limit - (leftOf(state, quota, at) ?? 0) : takenOf(state, quota, at);
  return {
    type: 'QuotaExceededError',
    message: `A child asks for ${requested} of ${quota}, of which ${used} of ${limit} are used or set aside [instance_id=${state.instance_id}]`,
    details: { quota, limit, used, requested },
  };
}

/** Ranges of what a task asks for. */
export const QUOTA_RANGES: Readonly<Record<keyof ResourceQuotaTemplate, NumberRange>> = {
  max_tokens: NUMBER_RANGES.count,
  max_cost_usd: NUMBER_RANGES.dollars,
  max_duration_sec: NUMBER_RANGES.seconds,
  max_children: NUMBER_RANGES.count,
};
