import { ChatFlowError } from '../core/errors.js';
import type { Definition, Executor, TaskDefinition } from '../definition/definition.js';
import type { ChatFlowConfig } from '../platform/config.js';

type Feature = keyof ChatFlowConfig['features'];

const EXECUTOR_FEATURES: Readonly<Partial<Record<Executor['type'], Feature>>> = {
  http: 'http',
  command: 'commands',
  llm: 'llm',
};

/**
 * Refuses a definition that needs what the configuration has switched off. The worker refuses it too, later.
 *
 * @throws FeatureDisabledError
 */
export function refuseDisabledFeatures(definition: Definition, features: ChatFlowConfig['features']): void {
  for (const phase of definition.phases) {
    for (const task of phase.tasks) {
      const disabled = featuresOf(task).find((feature) => !features[feature]);
      if (disabled === undefined) continue;
      throw new ChatFlowError(
        'FeatureDisabledError',
        `The task ${phase.name}/${task.name} needs ${disabled}, which the configuration has switched off (features.${disabled})`,
        { feature: disabled, phase: phase.name, task: task.name },
      );
    }
  }
}

function featuresOf(task: TaskDefinition): readonly Feature[] {
  const ofExecutors = [task.executor, task.compensate].flatMap((executor) => {
    const feature = executor === undefined ? undefined : EXECUTOR_FEATURES[executor.type];
    return feature === undefined ? [] : [feature];
  });
  return task.kind === 'subworkflow' ? [...ofExecutors, 'subworkflows'] : ofExecutors;
}
