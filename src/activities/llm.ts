import { ChatFlowError } from '../core/errors.js';
import type { Json } from '../json/json.js';

/** The activity `chatflow.llm`: keeps the name for a later version, and refuses. */
export async function refuseLlm(_input: Json): Promise<Json> {
  throw new ChatFlowError('FeatureDisabledError', 'This version of ChatFlow has no llm executor', {
    feature: 'llm',
  });
}
