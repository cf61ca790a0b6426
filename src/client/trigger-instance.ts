import { decodeTrigger } from '../core/decode-input.js';
import { ChatFlowError } from '../core/errors.js';
import { LIMITS } from '../core/limits.js';
import type { TriggerInput, TriggerResult } from '../core/shapes.js';
import type { JsonObject } from '../json/json.js';
import { checkAccess } from './access-instance.js';
import { checkInput, checkSize } from './check-input.js';
import type { ClientContext } from './client-context.js';
import { explainRefusal } from './explain-refusal.js';
import { queryInstance } from './query-instance.js';
import type { TriggerRequest } from './requests.js';
import { sendUpdate } from './send-update.js';

/** Sends a trigger, or asks what it would do (`dry_run`). */
export async function triggerInstance(
  context: ClientContext,
  instanceId: string,
  request: TriggerRequest = {},
): Promise<TriggerResult> {
  const { dry_run: dryRun, ...trigger } = checkInput(request, 'trigger');
  if (dryRun === true) return previewTrigger(context, instanceId, trigger);
  return sendUpdate(context, instanceId, 'trigger_next_step', trigger);
}

/** A query answers it: nothing of it enters the history. */
export async function previewTrigger(
  context: ClientContext,
  instanceId: string,
  trigger: TriggerInput = {},
): Promise<TriggerResult> {
  const argument: JsonObject = checkInput(trigger, 'trigger');
  // The workflow checks it too, but of a query's failure only the words come through.
  decodeTrigger([argument]);
  await checkAccess(context, instanceId);
  try {
    return await queryInstance(context, instanceId, { query: 'preview_next_step', args: [argument] });
  } catch (error) {
    throw await explainRefusal(context, instanceId, error);
  }
}

/** Sends triggers in one message; their results come in the same order. */
export async function triggerBatch(
  context: ClientContext,
  instanceId: string,
  triggers: readonly TriggerInput[],
): Promise<readonly TriggerResult[]> {
  if (!Array.isArray(triggers) || triggers.length === 0 || triggers.length > LIMITS.batch) {
    throw new ChatFlowError('InvalidInputError', `A batch is a list of 1 to ${LIMITS.batch} triggers`);
  }
  const checked = triggers.map((trigger, index) => checkInput(trigger, `trigger [${index}]`));
  checkSize(checked, 'batch');
  return sendUpdate(context, instanceId, 'trigger_batch', checked);
}
