import type { CliCommand } from '../cli-command.js';
import { textFields } from '../command-options.js';
import { renderStatus } from '../render.js';

export const pause: CliCommand = {
  name: 'pause',
  summary: 'start nothing new in an instance until it is resumed',
  group: 'Steering',
  examples: [`chatflow pause wfi_0123456789ab --reason 'waiting for legal'`],
  define: (command) =>
    command.argument('<id>', 'the instance').option('--reason <text>', 'stands in the history'),
  run: async ({ engine, out, wait }, [id = ''], options) => {
    const opened = await engine();
    const info = await wait('pausing', () => opened.pause(id, textFields(options, ['reason'])));
    out.result(info, (shown) => renderStatus(shown, out.colours));
  },
};

export const resume: CliCommand = {
  name: 'resume',
  summary: 'let a paused instance go on',
  group: 'Steering',
  examples: ['chatflow resume wfi_0123456789ab'],
  define: (command) => command.argument('<id>', 'the instance'),
  run: async ({ engine, out, wait }, [id = '']) => {
    const opened = await engine();
    const info = await wait('resuming', () => opened.resume(id));
    out.result(info, (shown) => renderStatus(shown, out.colours));
  },
};
