import { ChatFlowError } from '../core/errors.js';
import { START_SHAPE, checkStartField } from '../core/decode-input.js';
import type { Json, JsonObject } from '../json/json.js';
import { checkInput } from './check-input.js';
import type { StartRequest } from './requests.js';

const CHECKS = {
  schema_id: START_SHAPE.id,
  feature_id: START_SHAPE.id,
  tenant_id: START_SHAPE.id,
  initial_context: START_SHAPE.object,
  meta: START_SHAPE.object,
  resource_quota: START_SHAPE.quota,
  automation_level: START_SHAPE.level,
} as const;

const KEYS: readonly string[] = [...Object.keys(CHECKS), 'schema', 'schema_file', 'dry_run'];

/**
 * Checks a start by the rules of the workflow itself, so that nothing is started that would be refused there.
 *
 * @param tenant the only tenant that may be named; null: any
 * @throws InvalidInputError, PayloadTooLargeError, TenantAccessDeniedError
 */
export function checkStartRequest(request: StartRequest, tenant: string | null): StartRequest {
  const { schema, ...rest } = request;
  const given: JsonObject & StartRequest = {
    ...checkInput(rest, 'start request'),
    ...(schema !== undefined && { schema }),
  };
  const unknown = Object.keys(given).find((key) => !KEYS.includes(key));
  if (unknown !== undefined) throw invalid(`has the unknown key ${unknown}; known: ${KEYS.join(', ')}`);
  if ((given.schema === undefined) === (given.schema_id === undefined)) {
    throw invalid('needs exactly one of schema and schema_id');
  }
  for (const [key, check] of Object.entries(CHECKS)) {
    // What `checkInput` let through is JSON.
    const value = given[key as keyof typeof CHECKS] as Json | undefined;
    const problem = value === undefined ? null : checkStartField(check, value);
    if (problem !== null) throw invalid(`.${key} ${problem}`);
  }
  checkTenant(given, tenant);
  return given;
}

function checkTenant({ tenant_id: wanted }: StartRequest, tenant: string | null): void {
  if (tenant === null || wanted === undefined || wanted === tenant) return;
  throw new ChatFlowError(
    'TenantAccessDeniedError',
    `This client starts instances of the tenant ${tenant} only`,
  );
}

function invalid(what: string): ChatFlowError {
  return new ChatFlowError('InvalidInputError', `The start request ${what}`);
}
