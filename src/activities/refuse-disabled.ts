import { ChatFlowError } from '../core/errors.js';

/** Refuses what the configuration has switched off. @throws ChatFlowError `FeatureDisabledError` */
export function refuseDisabled(isOn: boolean, feature: string): void {
  if (isOn) return;
  const config = `features.${feature}`;
  throw new ChatFlowError(
    'FeatureDisabledError',
    `The feature ${feature} is switched off on this worker: set ${config}: true in chatflow.config.yaml`,
    { feature, config },
  );
}
