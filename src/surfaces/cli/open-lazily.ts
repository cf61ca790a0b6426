import type { WorkflowEngine } from '../../client/workflow-engine.js';

/** Opens the engine for the first command that asks; the client's code is loaded then, not for `--help`. */
export function openLazily(): { engine(): Promise<WorkflowEngine>; close(): Promise<void> } {
  let opened: Promise<WorkflowEngine> | undefined;
  return {
    engine: () => (opened ??= import('../../client/init.js').then(({ init }) => init())),
    close: async () => {
      const engine = await opened?.catch(() => undefined);
      await engine?.close();
    },
  };
}
