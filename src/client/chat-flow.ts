import type { TaskArtifacts, TaskArtifactsInput } from '../artifacts/index.js';
import { ChatFlowError } from '../core/errors.js';
import type * as shapes from '../core/shapes.js';
import type { Json, JsonObject } from '../json/json.js';
import type { UpdateName } from '../workflows/messages.js';
import { checkInput } from './check-input.js';
import type { ClientContext } from './client-context.js';
import { createSubworkflow } from './create-subworkflow.js';
import { cancelTree, terminateTree } from './end-tree.js';
import { getResult } from './get-result.js';
import {
  listInstanceArtifacts,
  readArtifacts,
  recordArtifacts,
  saveArtifacts,
} from './instance-artifacts.js';
import { countInstances, getFeatureStatus, listInstances } from './list-instances.js';
import { listTasks, listTasksOf } from './list-tasks.js';
import { readHistory, readState, readStatusInfo } from './read-instance.js';
import { readTreeMonitor, readTreeStatus } from './read-tree.js';
import type * as requests from './requests.js';
import { retryInstance } from './retry-instance.js';
import { sendUpdate } from './send-update.js';
import { startInstance } from './start-instance.js';
import { previewTrigger, triggerBatch, triggerInstance } from './trigger-instance.js';
import { watchInstance, watchTree } from './watch-instance.js';
import type { WorkflowEngine } from './workflow-engine.js';

/** The engine over Temporal. Made by `init`; every method is described in `WorkflowEngine`. */
export class ChatFlow implements WorkflowEngine {
  readonly #context: ClientContext;
  readonly #close: () => Promise<void>;

  /** @internal `init` makes one. */
  constructor(context: ClientContext, close: () => Promise<void>) {
    this.#context = context;
    this.#close = close;
  }

  startWorkflowInstance(request: requests.StartRequest): Promise<shapes.WorkflowStartResult> {
    return startInstance(this.#context, request);
  }

  triggerNextStep(id: string, request?: requests.TriggerRequest): Promise<shapes.TriggerResult> {
    return triggerInstance(this.#context, id, request);
  }

  triggerBatch(
    id: string,
    triggers: readonly shapes.TriggerInput[],
  ): Promise<readonly shapes.TriggerResult[]> {
    return triggerBatch(this.#context, id, triggers);
  }

  previewNextStep(id: string, trigger?: shapes.TriggerInput): Promise<shapes.TriggerResult> {
    return previewTrigger(this.#context, id, trigger);
  }

  getWorkflowState(id: string): Promise<shapes.WorkflowState> {
    return readState(this.#context, id);
  }

  async getWorkflowInstanceStatus(id: string): Promise<shapes.WorkflowState | null> {
    try {
      return await readState(this.#context, id);
    } catch (error) {
      if (error instanceof ChatFlowError && error.type === 'InstanceNotFoundError') return null;
      throw error;
    }
  }

  getWorkflowStatusInfo(id: string): Promise<shapes.WorkflowStatusInfo> {
    return readStatusInfo(this.#context, id);
  }

  getFeatureStatus(featureId: string, schemaName?: string): Promise<shapes.FeatureStatus> {
    return getFeatureStatus(this.#context, featureId, schemaName);
  }

  async listInstancesByFeature(featureId: string): Promise<readonly string[]> {
    const instances = await listInstances(this.#context, { feature_id: featureId });
    return instances.map((instance) => instance.instance_id);
  }

  listInstances(filter?: requests.InstanceFilter): Promise<readonly requests.InstanceSummary[]> {
    return listInstances(this.#context, filter);
  }

  countInstances(filter?: requests.InstanceFilter): Promise<number> {
    return countInstances(this.#context, filter);
  }

  listTasks(of?: string | requests.TaskFilter): Promise<readonly requests.WaitingTask[]> {
    return typeof of === 'string' ? listTasksOf(this.#context, of) : listTasks(this.#context, of);
  }

  createSubworkflow(
    parentId: string,
    request: shapes.SubworkflowRequest,
  ): Promise<{ readonly instance_id: string }> {
    return createSubworkflow(this.#context, parentId, request);
  }

  getWorkflowTreeStatus(rootId: string): Promise<shapes.WorkflowTreeStatus> {
    return readTreeStatus(this.#context, rootId);
  }

  monitorWorkflowTree(
    rootId: string,
    options?: requests.MonitorOptions,
  ): Promise<shapes.WorkflowTreeMonitor> {
    return readTreeMonitor(this.#context, rootId, options);
  }

  terminateWorkflowTree(rootId: string, reason?: string): Promise<void> {
    return terminateTree(this.#context, rootId, reason);
  }

  cancelWorkflowTree(rootId: string, reason?: string): Promise<void> {
    return cancelTree(this.#context, rootId, reason);
  }

  pause(id: string, request: requests.PauseRequest = {}): Promise<shapes.WorkflowStatusInfo> {
    return this.#update(id, 'pause', request);
  }

  resume(id: string, request: requests.ResumeRequest = {}): Promise<shapes.WorkflowStatusInfo> {
    return this.#update(id, 'resume', request);
  }

  setAutomationLevel(id: string, level: number): Promise<shapes.WorkflowStatusInfo> {
    return this.#update(id, 'set_automation_level', { level });
  }

  extendQuota(id: string, quota: shapes.ResourceQuota): Promise<shapes.WorkflowStatusInfo> {
    return this.#update(id, 'extend_quota', quota);
  }

  rewind(id: string, request: shapes.RewindRequest): Promise<shapes.TriggerResult> {
    return this.#update(id, 'rewind', request);
  }

  retry(id: string, request?: shapes.RetryRequest): Promise<shapes.WorkflowStatusInfo> {
    return retryInstance(this.#context, id, request);
  }

  retryTask(id: string, request: shapes.RetryTaskRequest): Promise<shapes.Task> {
    return this.#update(id, 'retry_task', request);
  }

  claimTask(id: string, request: shapes.ClaimRequest): Promise<shapes.Task> {
    return this.#update(id, 'claim_task', request);
  }

  heartbeatTask(id: string, request: shapes.LeaseRequest): Promise<shapes.Task> {
    return this.#update(id, 'heartbeat_task', request);
  }

  releaseTask(id: string, request: shapes.LeaseRequest): Promise<shapes.Task> {
    return this.#update(id, 'release_task', request);
  }

  recordArtifacts(id: string, refs: readonly shapes.ArtifactRef[]): Promise<void> {
    return recordArtifacts(this.#context, id, refs);
  }

  saveTaskArtifacts(
    id: string,
    phase: string,
    artifacts: TaskArtifactsInput,
  ): Promise<readonly shapes.ArtifactRef[]> {
    return saveArtifacts(this.#context, id, phase, artifacts);
  }

  getTaskArtifacts(id: string, phase: string): Promise<TaskArtifacts | null> {
    return readArtifacts(this.#context, id, phase);
  }

  listArtifacts(id: string): Promise<readonly shapes.ArtifactRef[]> {
    return listInstanceArtifacts(this.#context, id);
  }

  getHistory(id: string, options?: requests.HistoryOptions): Promise<readonly shapes.HistoryEvent[]> {
    return readHistory(this.#context, id, options);
  }

  watch(id: string, options?: requests.WatchOptions): AsyncIterable<shapes.WorkflowStatusInfo> {
    return watchInstance(this.#context, id, options);
  }

  watchTree(
    rootId: string,
    options?: requests.WatchOptions & requests.MonitorOptions,
  ): AsyncIterable<shapes.WorkflowTreeMonitor> {
    return watchTree(this.#context, rootId, options);
  }

  getResult(id: string): Promise<Json> {
    return getResult(this.#context, id);
  }

  close(): Promise<void> {
    return this.#close();
  }

  #update<T>(id: string, name: UpdateName, argument: object): Promise<T> {
    const checked: JsonObject = checkInput(argument, name.replaceAll('_', ' '));
    return sendUpdate(this.#context, id, name, checked);
  }
}
