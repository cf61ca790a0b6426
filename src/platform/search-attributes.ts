/** Registers and checks the search attributes by which instances are found in Temporal's lists. */
import type { Connection } from '@temporalio/client';
import { setTimeout as delay } from 'node:timers/promises';
import { ChatFlowError } from '../core/errors.js';
import { SEARCH_ATTRIBUTES, type SearchAttributeName } from '../workflows/search-attributes.js';

const VISIBLE_DEADLINE_MS = 120_000;
const LOOK_AGAIN_MS = 100;

/** Temporal's numbers for the types, from its enum IndexedValueType. */
const TYPE_NUMBERS = { KEYWORD: 2, INT: 3, DOUBLE: 4, KEYWORD_LIST: 7 } as const;

/**
 * Registers what is missing in a namespace and waits until the server takes it, which on a normal server may be a
 * minute. Idempotent.
 * @returns the names it added
 * @throws ChatFlowError SearchAttributesMissingError where a name stands with another type, or does not appear
 */
export async function registerSearchAttributes(
  connection: Connection,
  namespace: string,
): Promise<readonly SearchAttributeName[]> {
  const { missing } = await findProblems(connection, namespace);
  if (missing.length > 0) {
    const searchAttributes = Object.fromEntries(missing.map((name) => [name, typeNumber(name)]));
    await connection.operatorService
      .addSearchAttributes({ namespace, searchAttributes })
      .catch(ignoreAlreadyExists);
  }
  const deadline = Date.now() + VISIBLE_DEADLINE_MS;
  while (!(await areTaken(connection, namespace))) {
    if (Date.now() > deadline) throw notTaken(namespace);
    await delay(LOOK_AGAIN_MS);
  }
  await checkSearchAttributes(connection, namespace);
  return missing;
}

/**
 * Refuses a namespace that lacks one of the attributes: a worker there could not set them.
 * @throws ChatFlowError SearchAttributesMissingError, which names them and `chatflow init`
 */
export async function checkSearchAttributes(connection: Connection, namespace: string): Promise<void> {
  const { missing, mistyped } = await findProblems(connection, namespace);
  if (missing.length === 0 && mistyped.length === 0) return;
  const sentences = [
    ...(missing.length > 0
      ? [`lacks the search attributes ${missing.join(', ')}: run \`chatflow init\``]
      : []),
    ...(mistyped.length > 0
      ? [`has search attributes of another type: ${mistyped.join(', ')}; remove them there`]
      : []),
  ];
  throw new ChatFlowError(
    'SearchAttributesMissingError',
    `The namespace ${namespace} ${sentences.join(' and ')}`,
    { namespace, missing, mistyped },
  );
}

const attributeNames = Object.keys(SEARCH_ATTRIBUTES) as readonly SearchAttributeName[];

function typeNumber(name: SearchAttributeName): number {
  return TYPE_NUMBERS[SEARCH_ATTRIBUTES[name]];
}

async function findProblems(
  connection: Connection,
  namespace: string,
): Promise<{ readonly missing: readonly SearchAttributeName[]; readonly mistyped: readonly string[] }> {
  const { customAttributes } = await connection.operatorService
    .listSearchAttributes({ namespace })
    .catch(explainNoNamespace(namespace));
  const known = customAttributes ?? {};
  return {
    missing: attributeNames.filter((name) => known[name] === undefined),
    mistyped: attributeNames
      .filter((name) => known[name] !== undefined && known[name] !== typeNumber(name))
      .map((name) => `${name} (must be ${SEARCH_ATTRIBUTES[name]})`),
  };
}

/**
 * Listed is not yet usable: starts and queries go by a cache of the server's. A count that names every attribute goes by
 * the same cache, and is refused until it has them.
 */
async function areTaken(connection: Connection, namespace: string): Promise<boolean> {
  const GRPC_INVALID_ARGUMENT = 3;
  const query = attributeNames.map((name) => `${name} IS NULL`).join(' AND ');
  try {
    await connection.workflowService.countWorkflowExecutions({ namespace, query });
    return true;
  } catch (error) {
    if ((error as { code?: number }).code !== GRPC_INVALID_ARGUMENT) throw error;
    return false;
  }
}

function notTaken(namespace: string): ChatFlowError {
  const seconds = VISIBLE_DEADLINE_MS / 1000;
  return new ChatFlowError(
    'SearchAttributesMissingError',
    `The search attributes were added to the namespace ${namespace}, but the server does not take them after ${seconds} s`,
    { namespace },
  );
}

/** Says so where the namespace does not exist: that is whoever named it, not us. */
function explainNoNamespace(namespace: string): (error: unknown) => never {
  const GRPC_NOT_FOUND = 5;
  return (error) => {
    if ((error as { code?: number }).code !== GRPC_NOT_FOUND) throw error;
    throw new ChatFlowError(
      'TemporalUnavailableError',
      `Temporal has no namespace "${namespace}". Set TEMPORAL_NAMESPACE, or create it: temporal operator namespace create ${namespace}`,
      { namespace },
      { cause: error },
    );
  };
}

/** Two that register at once: the second finds the work done. */
function ignoreAlreadyExists(error: unknown): void {
  const GRPC_ALREADY_EXISTS = 6;
  if ((error as { code?: number }).code !== GRPC_ALREADY_EXISTS) throw error;
}
