/** `create_subworkflow`: a child that nobody's task waits for, asked for while the instance runs. */
import { digest } from '../json/canonical-json.js';
import type { Json } from '../json/json.js';
import { refuseClosed } from './apply-trigger.js';
import { createChild, type ChildWish } from './create-child.js';
import type { CoreEvent } from './event.js';
import { Fault, refusalOf, refuse } from './fault.js';
import { refuseFractions } from './extend-quota.js';
import { SCHEMA_ID } from '../json/schema-id.js';
import { settle } from './settle.js';
import type { SubworkflowRequest } from './shapes.js';
import type { ChildDefinition } from './child-state.js';
import type { InstanceState } from './state.js';
import { allChildrenOf } from './tree-figures.js';
import type { Turn } from './turn.js';

type RequestEvent = Extract<CoreEvent, { type: 'subworkflow_requested' }>;

/** Reserves a child and commands its start. The same `request_id` again gives the same child. */
export function requestChild(turn: Turn, { request }: RequestEvent): Json {
  refuseClosed(turn.state);
  const known = allChildrenOf(turn.state).find(
    ({ request_id }) => request_id !== undefined && request_id === request.request_id,
  );
  if (known) {
    if (known.request_digest !== undefined && known.request_digest !== digestOf(request))
      refuse(
        'InvalidInputError',
        `request_id ${String(request.request_id)} was used before with other content: send a new id`,
        {
          request_id: request.request_id ?? null,
        },
      );
    return { instance_id: known.id };
  }
  if (turn.state.ending && !isDraining(turn.state))
    refuse(
      'WorkflowClosedError',
      `The instance is ending as ${turn.state.ending.outcome} and takes no more children`,
    );
  if (turn.state.engine_version >= 9) refuseUnfit(request);
  const { id } = refusing(() => createChild(turn, wishOf(turn, request)));
  settle(turn);
  return { instance_id: id };
}

/** By the digest of its content a repeated request is told from another one. */
function digestOf(request: SubworkflowRequest): string {
  return digest(request as unknown as Json).slice(0, 16);
}

/** What no child could ever begin with. */
function refuseUnfit({ schema_id, resource_quota }: SubworkflowRequest): void {
  if (schema_id !== undefined && !SCHEMA_ID.test(schema_id))
    refuse('InvalidInputError', `schema_id must be name or name@version, not ${JSON.stringify(schema_id)}`, {
      field: 'schema_id',
    });
  if (resource_quota) refuseFractions(resource_quota);
}

/** Nothing is left to do but to wait for children: one more may come. */
function isDraining({ engine_version, ending }: InstanceState): boolean {
  return engine_version >= 6 && ending?.outcome === 'completed' && ending.stage === 'drain';
}

function wishOf(turn: Turn, request: SubworkflowRequest): ChildWish {
  const { schema, schema_id, context, meta, resource_quota, request_id, on_failure } = request;
  const name = schema?.['name'];
  return {
    definition: definitionOf(request),
    schema: schema_id ?? (typeof name === 'string' ? name : 'inline'),
    inherited: turn.state.variables,
    context: context ?? {},
    meta: meta ?? {},
    quota: resource_quota ?? {},
    of: {
      on_failure: on_failure ?? 'continue',
      ...(request_id === undefined ? {} : { request_id }),
      ...(request_id === undefined || turn.state.engine_version < 9
        ? {}
        : { request_digest: digestOf(request) }),
    },
  };
}

function definitionOf({ schema, schema_id }: SubworkflowRequest): ChildDefinition {
  if ((schema === undefined) === (schema_id === undefined))
    refuse('InvalidInputError', 'create_subworkflow needs either schema_id or schema');
  return schema === undefined ? { schema_id: schema_id ?? '' } : { digest: digest(schema), document: schema };
}

/** What would fail a task refuses a request: nothing of it has happened, and the instance goes on. */
function refusing<T>(run: () => T): T {
  try {
    return run();
  } catch (error) {
    if (!(error instanceof Fault)) throw error;
    throw refusalOf(error.problem);
  }
}
