/** From the start's argument to an instance. The workflow trusts nothing: what was not checked is prepared here. */
import { proxyActivities, proxyLocalActivities, workflowInfo } from '@temporalio/workflow';
import { definitionProblem, settingsProblem, stateProblem } from '../core/check-carried.js';
import { engineDefaults, limitsOfChild } from '../core/child-limits.js';
import { createInstance } from '../core/create-instance.js';
import { checkStartField, decodeRetry, START_SHAPE, undecodableReason } from '../core/decode-input.js';
import { ChatFlowError } from '../core/errors.js';
import { ENGINE_VERSION } from '../core/limits.js';
import { startFacts } from '../core/start-facts.js';
import { digest } from '../json/canonical-json.js';
import { checkJson } from '../json/check-json.js';
import { isJsonObject } from '../json/json.js';
import type { InstanceState } from '../core/state.js';
import type { EngineActivities, PreparedChild } from '../activities/activity-types.js';
import type { PreparedDefinition, StartInput } from './messages.js';

const KNOWN_KEYS = new Set([
  'schema',
  'schema_id',
  'initial_context',
  'feature_id',
  'tenant_id',
  'meta',
  'resource_quota',
  'automation_level',
  'prepared',
  'schema_digest',
  'child',
  'continued',
  'retried',
]);

const { 'chatflow.prepare': prepare } = proxyActivities<Pick<EngineActivities, 'chatflow.prepare'>>({
  startToCloseTimeout: '30 seconds',
  retry: { initialInterval: '1 second', maximumInterval: '30 seconds' },
});

/** The start's one argument. Throws `SchemaValidationError` where it has no such shape. */
export function decodeStart(args: readonly unknown[]): StartInput {
  const [input] = args;
  const reason = undecodableReason(input);
  if (reason !== null) return refuseStart(`the argument could not be decoded as JSON: ${reason}`);
  if (args.length !== 1 || !isJsonObject(input)) return refuseStart('one argument, a JSON object, is due');
  const unknownKey = Object.keys(input).find((key) => !KNOWN_KEYS.has(key));
  if (unknownKey !== undefined)
    return refuseStart(
      `unknown key ${unknownKey.slice(0, 80)}; known: ${[...KNOWN_KEYS].slice(0, 8).join(', ')}`,
    );
  if (!checkCarried(input)) checkFields(input);
  return input as unknown as StartInput;
}

/** Whether the input carries the state of a run before this one. */
function checkCarried(input: Readonly<Record<string, unknown>>): boolean {
  const { continued, retried } = input;
  if (continued !== undefined) {
    // The server says so; nobody else can.
    if (workflowInfo().continuedFromExecutionRunId === undefined)
      refuseStart('continued is passed by continue-as-new only');
    refuseProblem('continued', stateProblem(continued));
  }
  if (retried === undefined) return continued !== undefined;
  if (!isJsonObject(retried)) return refuseStart('retried must have a state and a request');
  refuseProblem('retried', checkJson(retried));
  refuseProblem('retried.state', stateProblem(retried['state']));
  decodeRetry([retried['request']]);
  return true;
}

/** Only a parent starts a child: the server says who that is. */
function checkChild(child: unknown): void {
  if (child === undefined) return;
  const { parent, root } = workflowInfo();
  const link = isJsonObject(child) ? child : {};
  if (parent === undefined || link['parent_instance_id'] !== parent.workflowId)
    return refuseStart('child is passed by the instance above it only');
  if (link['root_instance_id'] !== (root?.workflowId ?? parent.workflowId))
    refuseStart('child.root_instance_id is not the root of its tree');
  for (const name of ['depth', 'max_recursion_depth', 'engine_version'])
    if (!Number.isSafeInteger(link[name])) refuseStart(`child.${name} is no whole number`);
  const { grant } = link;
  const { own, left } = isJsonObject(grant) ? grant : {};
  if (!isJsonObject(own) || !isJsonObject(left)) refuseStart('child.grant has no own and no left');
}

function checkFields(input: Readonly<Record<string, unknown>>): void {
  checkChild(input['child']);
  const { id, object, quota, level } = START_SHAPE;
  const checks = [
    ['feature_id', id],
    ['tenant_id', id],
    ['schema_id', id],
    ['initial_context', object],
    ['meta', object],
    ['resource_quota', quota],
    ['automation_level', level],
  ] as const;
  if (input['feature_id'] === undefined) refuseStart('feature_id is missing');
  for (const [name, check] of checks) {
    const value = input[name];
    const problem = value === undefined ? null : checkStartField(check, value);
    if (problem !== null) refuseStart(`${name} ${problem}`);
  }
}

function refuseStart(why: string): never {
  throw new ChatFlowError('SchemaValidationError', `The start is refused: ${why}`, {
    problems: [
      { code: 'start-input', severity: 'error', message: why, path: '', line: 1, column: 1, frame: '' },
    ],
  });
}

const checked = new WeakSet<object>();

/** Whether the client has checked the definition: then its digest is the one it says. */
export function isPrepared(prepared: unknown): prepared is PreparedDefinition {
  if (typeof prepared !== 'object' || prepared === null) return false;
  if (checked.has(prepared)) return true;
  const holds = hasItsDigest(prepared);
  if (holds) checked.add(prepared);
  return holds;
}

function hasItsDigest(prepared: object): boolean {
  if (!isJsonObject(prepared) || !isJsonObject(prepared['context'])) return false;
  const { definition, settings } = prepared;
  if (!isJsonObject(definition) || !isJsonObject(settings) || !Array.isArray(definition['phases']))
    return false;
  if (typeof definition['name'] !== 'string' || typeof definition['version'] !== 'string') return false;
  if (digest(definition) !== prepared['digest']) return false;
  refuseProblem('prepared', checkJson(prepared));
  refuseProblem('prepared.definition', definitionProblem(definition));
  refuseProblem('prepared.settings', settingsProblem(settings));
  return true;
}

function refuseProblem(name: string, problem: string | null): void {
  if (problem !== null) refuseStart(`${name}: ${problem}`);
}

/** The definition by the activity `chatflow.prepare`: resolved, checked, normalised, its input validated. */
export async function prepareByActivity(input: StartInput): Promise<PreparedDefinition> {
  const { prepared: _unchecked, ...rest } = input;
  return prepare(rest);
}

const { 'chatflow.prepareChild': prepareChildLocally } = proxyLocalActivities<
  Pick<EngineActivities, 'chatflow.prepareChild'>
>({
  startToCloseTimeout: '10 seconds',
  // What cannot be had for a minute fails the child with the reason: no workflow task is held up for ever.
  scheduleToCloseTimeout: '1 minute',
  retry: { initialInterval: '200 milliseconds', maximumInterval: '5 seconds' },
});

/** A child's definition: a short read, which needs no activity of its own. */
export async function prepareChild(input: StartInput): Promise<PreparedChild> {
  return prepareChildLocally(input);
}

/** Refuses what a newer engine has begun: this one does not know what it means. */
export function checkEngineVersion(version: unknown): void {
  if (version === undefined) return;
  if (typeof version === 'number' && Number.isInteger(version) && version >= 1 && version <= ENGINE_VERSION)
    return;
  refuseStart(
    `it asks for version ${String(version).slice(0, 20)} of the engine, and this worker knows 1 to ${ENGINE_VERSION}: update the worker`,
  );
}

/** An instance before its first event. */
export function newInstance(input: StartInput, prepared: PreparedDefinition): InstanceState {
  const { workflowId, startTime } = workflowInfo();
  return createInstance({
    instance_id: workflowId,
    tenant_id: input.tenant_id ?? 'default',
    feature_id: input.feature_id,
    ...(input.meta === undefined ? {} : { meta: input.meta }),
    ...startFacts(input, prepared),
    ...childFacts(input, prepared),
    at: startTime.getTime(),
  });
}

/** What holds of a child beside: its place in the tree, and the limits of those above it. */
function childFacts(
  { child, resource_quota }: StartInput,
  { definition, settings, schema_digest }: PreparedDefinition,
) {
  if (child === undefined) return {};
  const defaults = {
    ...engineDefaults(child, settings.default_resource_quota),
    ...definition.default_resource_quota,
    ...resource_quota,
  };
  return {
    parent_instance_id: child.parent_instance_id,
    root_instance_id: child.root_instance_id,
    recursion_depth: child.depth,
    max_recursion_depth: Math.min(
      child.max_recursion_depth,
      definition.max_recursion_depth,
      settings.max_recursion_depth,
    ),
    ...limitsOfChild(child, defaults),
    ...(schema_digest === undefined ? {} : { schema_digest }),
    ...(child.report_sec === undefined ? {} : { report_sec: child.report_sec }),
  };
}
