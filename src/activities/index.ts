/** Side effects: what the engine does outside of workflow code. */
export { createActivities } from './create-activities.js';
export { createDefinitionFolderRegistry } from './definition-folder.js';
export { environmentSecrets } from './environment-secrets.js';
export type { ActivityConfig, ActivityDependencies } from './activity-dependencies.js';
