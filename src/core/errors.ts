/**
 * The one registry of errors. A name here is the class's `type` in TypeScript, the `type` of Temporal's
 * `ApplicationFailure`, the `type` of a REST problem, and a heading in docs/errors.md (a test holds them together).
 * Across the workflow sandbox compare names, never classes.
 */
import { jsonSize } from '../json/json-size.js';
import type { Json, JsonObject } from '../json/json.js';

interface ErrorFacts {
  /** HTTP status on REST. */
  readonly status: number;
  /** Exit code of the CLI: 1 refused, 2 usage, 3 not found, 4 not allowed, 5 invalid, 6 unreachable. */
  readonly exitCode: number;
  /** Whether the same call may succeed later without a change of its input. */
  readonly retryable: boolean;
}

export const ERRORS = {
  InstanceNotFoundError: { status: 404, exitCode: 3, retryable: false },
  SchemaNotFoundError: { status: 404, exitCode: 3, retryable: false },
  ArtifactNotFoundError: { status: 404, exitCode: 3, retryable: false },
  ArtifactCorruptError: { status: 500, exitCode: 1, retryable: false },
  SchemaValidationError: { status: 422, exitCode: 5, retryable: false },
  InvalidInputError: { status: 422, exitCode: 5, retryable: false },
  ConfigurationError: { status: 500, exitCode: 5, retryable: false },
  PhaseMismatchError: { status: 409, exitCode: 1, retryable: false },
  TaskNotFoundError: { status: 409, exitCode: 1, retryable: false },
  TaskAlreadyClaimedError: { status: 409, exitCode: 1, retryable: true },
  ApprovalRejectedError: { status: 409, exitCode: 1, retryable: false },
  TimeoutError: { status: 504, exitCode: 1, retryable: true },
  TaskFailedError: { status: 409, exitCode: 1, retryable: true },
  JoinError: { status: 409, exitCode: 1, retryable: false },
  LoopLimitError: { status: 409, exitCode: 1, retryable: false },
  WorkflowFailedError: { status: 409, exitCode: 1, retryable: false },
  WorkflowPausedError: { status: 409, exitCode: 1, retryable: true },
  WorkflowClosedError: { status: 409, exitCode: 1, retryable: false },
  MaxRecursionDepthExceededError: { status: 409, exitCode: 1, retryable: false },
  QuotaExceededError: { status: 409, exitCode: 1, retryable: false },
  ExpressionError: { status: 422, exitCode: 1, retryable: false },
  PhaseLoopError: { status: 409, exitCode: 1, retryable: false },
  HistoryLimitError: { status: 409, exitCode: 1, retryable: true },
  PayloadTooLargeError: { status: 413, exitCode: 5, retryable: false },
  FeatureDisabledError: { status: 403, exitCode: 4, retryable: false },
  CommandFailedError: { status: 502, exitCode: 1, retryable: true },
  HttpError: { status: 502, exitCode: 1, retryable: true },
  HttpBlockedError: { status: 403, exitCode: 4, retryable: false },
  SecretNotFoundError: { status: 500, exitCode: 1, retryable: false },
  TenantAccessDeniedError: { status: 403, exitCode: 4, retryable: false },
  UnauthenticatedError: { status: 401, exitCode: 4, retryable: false },
  RateLimitedError: { status: 429, exitCode: 1, retryable: true },
  TemporalUnavailableError: { status: 503, exitCode: 6, retryable: true },
  WorkerUnavailableError: { status: 503, exitCode: 6, retryable: true },
  SearchAttributesMissingError: { status: 503, exitCode: 6, retryable: false },
  ServerBinaryNotFoundError: { status: 503, exitCode: 6, retryable: false },
  AddressInUseError: { status: 503, exitCode: 6, retryable: true },
  DataDirectoryInUseError: { status: 409, exitCode: 1, retryable: true },
  InternalError: { status: 500, exitCode: 1, retryable: false },
} as const satisfies Readonly<Record<string, ErrorFacts>>;

const MOST_MESSAGE_CHARS = 4000;
const MOST_DETAILS_BYTES = 128 * 1024;

export type ErrorName = keyof typeof ERRORS;

/** Whether a name stands in the registry. */
export function isErrorName(name: string): name is ErrorName {
  return Object.hasOwn(ERRORS, name);
}

/** A failure as it lies in the state, in histories and on the wire. `type` is a registry name or a user's own. */
export interface Problem {
  readonly type: string;
  readonly message: string;
  readonly details?: Json;
}

/** Every error that ChatFlow throws on purpose. `details` are facts for programs; the message is for people. */
export class ChatFlowError extends Error {
  readonly type: ErrorName;
  readonly details: JsonObject;

  constructor(type: ErrorName, message: string, details: JsonObject = {}, options?: ErrorOptions) {
    super(message, options);
    this.name = type;
    this.type = type;
    this.details = details;
  }

  /** As it is kept and sent. Text of an input stands in it: it is cut, since Temporal takes 2 MiB and no more. */
  toProblem(): Problem {
    return { type: this.type, message: cutMessage(this.message), details: boundDetails(this.details) };
  }
}

function cutMessage(message: string): string {
  if (message.length <= MOST_MESSAGE_CHARS) return message;
  return `${message.slice(0, MOST_MESSAGE_CHARS)}… (${message.length} characters)`;
}

function boundDetails(details: JsonObject): JsonObject {
  const bytes = jsonSize(details);
  return bytes <= MOST_DETAILS_BYTES ? details : { truncated: true, size_bytes: bytes };
}
