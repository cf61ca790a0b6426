import type { ActivityDependencies } from './activity-dependencies.js';
import { refusing } from './activity-failure.js';
import type { EngineActivities } from './activity-types.js';
import { createCommandActivity } from './command.js';
import { createHttpActivity } from './http.js';
import { refuseLlm } from './llm.js';
import { createKeepDefinition } from './keep-definition.js';
import { createPrepareChild } from './prepare-child.js';
import { createReadLeftBehind } from './read-left-behind.js';
import { terminateChild } from './terminate-child.js';
import { createPrepareActivity } from './prepare.js';
import { createWriteHistorySegment } from './write-history-segment.js';
import { createWriteSnapshot } from './write-snapshot.js';

/**
 * The engine's activities, to be registered under their names.
 * @throws ChatFlowError `ConfigurationError` for an `http.allow_private` that cannot be read
 */
export function createActivities(deps: ActivityDependencies): EngineActivities {
  return {
    'chatflow.prepare': refusing(createPrepareActivity(deps)),
    'chatflow.prepareChild': refusing(createPrepareChild(deps)),
    'chatflow.keepDefinition': refusing(createKeepDefinition(deps.store)),
    'chatflow.terminateChild': terminateChild,
    'chatflow.readLeftBehind': createReadLeftBehind(deps.store),
    'chatflow.http': refusing(createHttpActivity(deps)),
    'chatflow.command': refusing(createCommandActivity(deps)),
    'chatflow.llm': refusing(refuseLlm),
    'chatflow.writeHistorySegment': refusing(createWriteHistorySegment(deps.store)),
    'chatflow.writeSnapshot': refusing(createWriteSnapshot(deps.store)),
  };
}
