import type { CliCommand } from '../cli-command.js';
import { renderWatch } from '../render.js';
import { untilInterrupted } from '../until-interrupted.js';

export const watch: CliCommand = {
  name: 'watch',
  summary: 'follow an instance until it has closed: one line (with --json one document) a change',
  group: 'Instances',
  examples: [
    'chatflow watch wfi_0123456789ab',
    'chatflow watch wfi_0123456789ab --json | jq -r .current_phase',
  ],
  define: (command) => command.argument('<id>', 'the instance'),
  run: async ({ engine, out }, [id = '']) => {
    const opened = await engine();
    await untilInterrupted(async (signal) => {
      for await (const info of opened.watch(id, { signal })) {
        out.item(info, () => renderWatch(info, out.colours));
      }
    });
  },
};
