import type { ChatFlow } from './chat-flow.js';
import { openEngine } from './init.js';
import type { WorkflowEngine } from './workflow-engine.js';

let opened: ChatFlow | undefined;

/**
 * The process-wide engine, on Temporal's own environment configuration and `chatflow.config.yaml`. It is opened by
 * the first use of one of its methods: importing it costs nothing and needs no server.
 */
export const engine: WorkflowEngine = new Proxy({} as WorkflowEngine, {
  get(_target, name) {
    // `await engine` and inspection ask for these; they must not open a connection.
    if (name === 'then' || typeof name === 'symbol') return undefined;
    opened ??= openEngine();
    const member: unknown = Reflect.get(opened, name);
    return typeof member === 'function' ? (member.bind(opened) as unknown) : member;
  },
});
