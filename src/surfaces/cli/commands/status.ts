import type { CliCommand } from '../cli-command.js';
import { flagOption } from '../command-options.js';
import { renderState, renderStatus } from '../render.js';

export const status: CliCommand = {
  name: 'status',
  summary: 'show where an instance stands',
  group: 'Instances',
  examples: ['chatflow status wfi_0123456789ab', 'chatflow status wfi_0123456789ab --full --json'],
  define: (command) =>
    command.argument('<id>', 'the instance').option('--full', 'the whole state: variables, tasks, history'),
  run: async ({ engine, out, wait }, [id = ''], options) => {
    const opened = await engine();
    if (flagOption(options, 'full')) {
      const state = await wait('asking', () => opened.getWorkflowState(id));
      out.result(state, (shown) => renderState(shown, out.colours));
    } else {
      const info = await wait('asking', () => opened.getWorkflowStatusInfo(id));
      out.result(info, (shown) => renderStatus(shown, out.colours));
    }
  },
};
