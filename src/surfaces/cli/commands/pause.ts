import type { CliCommand } from '../cli-command.js';
import { flagOption, textFields } from '../command-options.js';
import { renderStatus } from '../render.js';

export const pause: CliCommand = {
  name: 'pause',
  summary: 'start nothing new in an instance until it is resumed',
  group: 'Steering',
  examples: [`chatflow pause wfi_0123456789ab --tree --reason 'waiting for legal'`],
  define: (command) =>
    command
      .argument('<id>', 'the instance')
      .option('--reason <text>', 'stands in the history')
      .option('--tree', 'all below it, too'),
  run: async ({ engine, out, wait }, [id = ''], options) => {
    const opened = await engine();
    const request = { ...textFields(options, ['reason']), tree: flagOption(options, 'tree') };
    const info = await wait('pausing', () => opened.pause(id, request));
    out.result(info, (shown) => renderStatus(shown, out.colours));
  },
};

export const resume: CliCommand = {
  name: 'resume',
  summary: 'let a paused instance go on',
  group: 'Steering',
  examples: ['chatflow resume wfi_0123456789ab'],
  define: (command) => command.argument('<id>', 'the instance').option('--tree', 'all below it, too'),
  run: async ({ engine, out, wait }, [id = ''], options) => {
    const opened = await engine();
    const info = await wait('resuming', () => opened.resume(id, { tree: flagOption(options, 'tree') }));
    out.result(info, (shown) => renderStatus(shown, out.colours));
  },
};
