import type { CliCommand, CommandContext } from '../cli-command.js';
import { textOption } from '../command-options.js';

export const cancel: CliCommand = {
  name: 'cancel',
  summary: 'end an instance gracefully: compensations and its `finally` run',
  group: 'Steering',
  examples: [`chatflow cancel wfi_0123456789ab --reason 'not needed any more'`],
  define: (command) =>
    command.argument('<id>', 'the instance').option('--reason <text>', 'stands in the history'),
  run: async (context, [id = ''], options) => {
    const engine = await context.engine();
    const reason = textOption(options, 'reason');
    await context.wait('cancelling', () => engine.cancelWorkflowTree(id, reason));
    printRequest(context, { instance_id: id, requested: 'cancel', reason: reason ?? null });
  },
};

export const terminate: CliCommand = {
  name: 'terminate',
  summary: 'end an instance and all below it at once: nothing more runs',
  group: 'Steering',
  examples: [`chatflow terminate wfi_0123456789ab --reason 'runaway'`],
  define: (command) =>
    command.argument('<id>', 'the instance').option('--reason <text>', 'stands in the history'),
  run: async (context, [id = ''], options) => {
    const engine = await context.engine();
    const reason = textOption(options, 'reason');
    await context.wait('terminating', () => engine.terminateWorkflowTree(id, reason));
    printRequest(context, { instance_id: id, requested: 'terminate', reason: reason ?? null });
  },
};

interface EndRequest {
  readonly instance_id: string;
  readonly requested: 'cancel' | 'terminate';
  readonly reason: string | null;
}

/** Both are answered once the request stands; a cancelled instance may take a while to end. */
function printRequest({ out }: CommandContext, request: EndRequest): void {
  const done = request.requested === 'cancel' ? 'is asked to end' : 'is terminated';
  out.result(request, ({ instance_id: id }) => [`${id} ${done}`]);
}
