/** What other languages' clients may send: payloads byte by byte, past every check of the TypeScript client. */
import type { Client } from '@temporalio/client';
import { defaultPayloadConverter, type Payload } from '@temporalio/common';
import { temporal } from '@temporalio/proto';
import { randomUUID } from 'node:crypto';
import { TASK_QUEUE, WORKFLOW_TYPE } from '../../src/workflows/messages.js';

/** A payload that says it is JSON; its text may be anything, such as the `NaN` of Python's `json.dumps`. */
export function jsonText(text: string): Payload {
  return { metadata: { encoding: Buffer.from('json/plain') }, data: Buffer.from(text) };
}

export const NULL_PAYLOAD: Payload = { metadata: { encoding: Buffer.from('binary/null') } };

export const BINARY_PAYLOAD: Payload = {
  metadata: { encoding: Buffer.from('binary/plain') },
  data: new Uint8Array([0, 255, 1, 254]),
};

/** What no handler takes, by the name that a test shows. */
export const BAD_PAYLOADS: Readonly<Record<string, readonly Payload[]>> = {
  NaN: [jsonText('{"trigger_data": {"score": NaN}}')],
  'a bare NaN': [jsonText('NaN')],
  null: [NULL_PAYLOAD],
  'the JSON null': [jsonText('null')],
  binary: [BINARY_PAYLOAD],
  'no encoding': [{ data: Buffer.from('{}') }],
  'two arguments': [jsonText('{}'), jsonText('{}')],
  'a truncated text': [jsonText('{"trigger_data": {')],
  'the key __proto__': [jsonText('{"trigger_data": {"__proto__": {"polluted": true}}}')],
  'an integer beyond 2^53': [jsonText('{"trigger_data": {"n": 9007199254740993}}')],
  'a string': [jsonText('"go on"')],
};

export async function signalRaw(
  client: Client,
  workflowId: string,
  signalName: string,
  payloads: readonly Payload[],
): Promise<void> {
  await client.workflowService.signalWorkflowExecution({
    namespace: client.options.namespace,
    workflowExecution: { workflowId },
    signalName,
    input: { payloads: [...payloads] },
    requestId: randomUUID(),
  });
}

/** How an update came out: its answer, or the failure's type and message. */
export interface RawOutcome {
  readonly answer?: unknown;
  readonly type?: string | null | undefined;
  readonly message?: string | null | undefined;
}

export async function updateRaw(
  client: Client,
  workflowId: string,
  name: string,
  payloads: readonly Payload[],
): Promise<RawOutcome> {
  const { outcome } = await client.workflowService.updateWorkflowExecution({
    namespace: client.options.namespace,
    workflowExecution: { workflowId },
    waitPolicy: {
      lifecycleStage:
        temporal.api.enums.v1.UpdateWorkflowExecutionLifecycleStage
          .UPDATE_WORKFLOW_EXECUTION_LIFECYCLE_STAGE_COMPLETED,
    },
    request: { meta: { updateId: randomUUID() }, input: { name, args: { payloads: [...payloads] } } },
  });
  const [payload] = outcome?.success?.payloads ?? [];
  if (payload) return { answer: defaultPayloadConverter.fromPayload(payload) };
  const { applicationFailureInfo, message } = outcome?.failure ?? {};
  return { type: applicationFailureInfo?.type, message };
}

/** Starts an instance as `temporal workflow start --type chatflow` does. */
export async function startRaw(
  client: Client,
  workflowId: string,
  payloads: readonly Payload[],
): Promise<void> {
  await client.workflowService.startWorkflowExecution({
    namespace: client.options.namespace,
    workflowId,
    workflowType: { name: WORKFLOW_TYPE },
    taskQueue: { name: TASK_QUEUE },
    input: { payloads: [...payloads] },
    requestId: randomUUID(),
  });
}
