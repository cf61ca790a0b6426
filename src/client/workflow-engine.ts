import type {
  ArtifactRef,
  ClaimRequest,
  FeatureStatus,
  HistoryEvent,
  LeaseRequest,
  ResourceQuota,
  RetryRequest,
  RetryTaskRequest,
  RewindRequest,
  SubworkflowRequest,
  Task,
  TriggerInput,
  TriggerResult,
  WorkflowStartResult,
  WorkflowState,
  WorkflowStatusInfo,
  WorkflowTreeMonitor,
  WorkflowTreeStatus,
} from '../core/shapes.js';
import type { TaskArtifacts, TaskArtifactsInput } from '../artifacts/index.js';
import type { Json } from '../json/json.js';
import type {
  HistoryOptions,
  InstanceFilter,
  InstanceSummary,
  MonitorOptions,
  PauseRequest,
  ResumeRequest,
  StartRequest,
  TaskFilter,
  TriggerRequest,
  WaitingTask,
  WatchOptions,
} from './requests.js';

/**
 * ChatFlow's API. Every method throws `ChatFlowError`; besides the errors named at a method, each may throw
 * `TemporalUnavailableError` (no server), `WorkerUnavailableError` (nobody did the work within the deadline),
 * `InstanceNotFoundError` (for an unknown id) and `TenantAccessDeniedError` (another tenant's instance).
 */
export interface WorkflowEngine {
  /**
   * Starts an instance. The definition and the context are checked first, all problems at once.
   *
   * @throws SchemaValidationError with `details.problems`; SchemaNotFoundError; InvalidInputError for a context that
   *   does not fit the definition's `input`; SearchAttributesMissingError where `chatflow init` has not run
   */
  startWorkflowInstance(request: StartRequest): Promise<WorkflowStartResult>;

  /**
   * Reports what an agent or a person has done: completes (or fails) a task and moves the instance on.
   * With `dry_run` it answers what would happen and leaves no trace.
   *
   * @throws TaskNotFoundError, PhaseMismatchError, TaskAlreadyClaimedError, WorkflowPausedError, WorkflowClosedError,
   *   InvalidInputError, PayloadTooLargeError (above 1 MiB, before it is sent), HistoryLimitError
   */
  triggerNextStep(instanceId: string, request?: TriggerRequest): Promise<TriggerResult>;

  /** Up to 1,000 triggers in one message; each is applied or refused by itself (`error` in its result). */
  triggerBatch(instanceId: string, triggers: readonly TriggerInput[]): Promise<readonly TriggerResult[]>;

  /** What `triggerNextStep` with the same input would do now; it changes nothing. */
  previewNextStep(instanceId: string, trigger?: TriggerInput): Promise<TriggerResult>;

  getWorkflowState(instanceId: string): Promise<WorkflowState>;

  /** `getWorkflowState`, or null where no such instance is known. */
  getWorkflowInstanceStatus(instanceId: string): Promise<WorkflowState | null>;

  getWorkflowStatusInfo(instanceId: string): Promise<WorkflowStatusInfo>;

  /** Counts of a feature's instances, of all definitions or of one. May lag by a second. */
  getFeatureStatus(featureId: string, schemaName?: string): Promise<FeatureStatus>;

  /** Ids of a feature's instances, newest first. May lag by a second. */
  listInstancesByFeature(featureId: string): Promise<readonly string[]>;

  /** Instances that meet the filter, newest first. May lag by a second. */
  listInstances(filter?: InstanceFilter): Promise<readonly InstanceSummary[]>;

  /** How many instances meet the filter; beyond its `limit` none is counted. May lag by a second. */
  countInstances(filter?: InstanceFilter): Promise<number>;

  /** Open tasks that wait for an agent or a person: of one instance, or of all that meet the filter. */
  listTasks(of?: string | TaskFilter): Promise<readonly WaitingTask[]>;

  /** @throws FeatureDisabledError, MaxRecursionDepthExceededError, QuotaExceededError, SchemaNotFoundError */
  createSubworkflow(parentId: string, request: SubworkflowRequest): Promise<{ readonly instance_id: string }>;

  getWorkflowTreeStatus(rootId: string): Promise<WorkflowTreeStatus>;

  monitorWorkflowTree(rootId: string, options?: MonitorOptions): Promise<WorkflowTreeMonitor>;

  /** Ends the root and all below it at once: no code runs any more. @throws WorkflowClosedError */
  terminateWorkflowTree(rootId: string, reason?: string): Promise<void>;

  /**
   * Asks for a graceful end: children first, compensations and `finally` run. It answers once the request stands;
   * `watch` or `getResult` tell when it has ended. @throws WorkflowClosedError
   */
  cancelWorkflowTree(rootId: string, reason?: string): Promise<void>;

  pause(instanceId: string, request?: PauseRequest): Promise<WorkflowStatusInfo>;

  resume(instanceId: string, request?: ResumeRequest): Promise<WorkflowStatusInfo>;

  setAutomationLevel(instanceId: string, level: number): Promise<WorkflowStatusInfo>;

  /** Raises limits; an instance that paused at one goes on. */
  extendQuota(instanceId: string, quota: ResourceQuota): Promise<WorkflowStatusInfo>;

  rewind(instanceId: string, request: RewindRequest): Promise<TriggerResult>;

  /**
   * A failed instance goes on from where it failed, in a new run under the same id. One that is already open again
   * is left alone. @throws InvalidInputError where it has not failed
   */
  retry(instanceId: string, request?: RetryRequest): Promise<WorkflowStatusInfo>;

  /** A failed task or child of an open instance again. */
  retryTask(instanceId: string, request: RetryTaskRequest): Promise<Task>;

  /** @throws TaskAlreadyClaimedError, TaskNotFoundError */
  claimTask(instanceId: string, request: ClaimRequest): Promise<Task>;

  heartbeatTask(instanceId: string, request: LeaseRequest): Promise<Task>;

  releaseTask(instanceId: string, request: LeaseRequest): Promise<Task>;

  /** Adds references of artifacts that lie in the store to the instance. */
  recordArtifacts(instanceId: string, refs: readonly ArtifactRef[]): Promise<void>;

  /**
   * Saves a task's prompt, response and record in the store, and their references in the instance.
   *
   * @param phase a phase, `phase#visit`, or a task_id
   */
  saveTaskArtifacts(
    instanceId: string,
    phase: string,
    artifacts: TaskArtifactsInput,
  ): Promise<readonly ArtifactRef[]>;

  /** What was saved for a phase, checked against its checksums; null where nothing was. @throws ArtifactCorruptError */
  getTaskArtifacts(instanceId: string, phase: string): Promise<TaskArtifacts | null>;

  /** References that the instance has recorded, oldest first. */
  listArtifacts(instanceId: string): Promise<readonly ArtifactRef[]>;

  /** The whole audit stream in order of `seq`, archived parts included. */
  getHistory(instanceId: string, options?: HistoryOptions): Promise<readonly HistoryEvent[]>;

  /** The status now and after every change seen, until the instance has closed. */
  watch(instanceId: string, options?: WatchOptions): AsyncIterable<WorkflowStatusInfo>;

  /** The tree below an instance now and after each change that is seen, until the instance has closed. */
  watchTree(rootId: string, options?: WatchOptions & MonitorOptions): AsyncIterable<WorkflowTreeMonitor>;

  /**
   * Waits for the end and gives what the instance returned.
   *
   * @throws an error of the failure's own type where it is one of ChatFlow's, else WorkflowFailedError
   */
  getResult(instanceId: string): Promise<Json>;

  /** Closes the connection to Temporal, if this client opened it. */
  close(): Promise<void>;
}
