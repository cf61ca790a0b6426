/** ChatFlow's package entry: the engine's TypeScript API. */
export { init } from './init.js';
export type { InitOptions } from './init.js';
export { engine } from './engine.js';
export { ChatFlow } from './chat-flow.js';
export type { WorkflowEngine } from './workflow-engine.js';
export { ChatFlowError, ERRORS, isErrorName } from '../core/errors.js';
export type { ErrorName } from '../core/errors.js';
export type * from '../core/shapes.js';
export type * from './requests.js';
export type { Json, JsonObject } from '../json/json.js';
export { createArtifactStore, createMemoryArtifactStore } from '../artifacts/index.js';
export type { ArtifactStore, TaskArtifacts, TaskArtifactsInput } from '../artifacts/index.js';
export type { ChatFlowConfig } from '../platform/config.js';
