import { Option } from 'commander';
import type { TaskFilter } from '../../../client/requests.js';
import type { CliCommand, Options } from '../cli-command.js';
import { numberOption, parseInteger, textFields, textOption } from '../command-options.js';
import { renderWaiting } from '../render.js';

export const tasks: CliCommand = {
  name: 'tasks',
  summary: 'list what waits for an agent or a person, in one instance or in all',
  group: 'Tasks',
  examples: [
    'chatflow tasks',
    'chatflow tasks wfi_0123456789ab --json',
    'chatflow tasks --waiting-for approval',
  ],
  define: (command) =>
    command
      .argument('[id]', 'an instance; default: all')
      .addOption(new Option('--waiting-for <kind>', 'only these').choices(['agent', 'approval']))
      .option('--feature <id>', 'of this feature')
      .option('--schema <name>', 'of this definition')
      .option('--tenant <id>', 'of this tenant')
      .option('--limit <n>', 'look into so many instances at most', parseInteger, 100),
  run: async ({ engine, out, wait }, [id], options) => {
    const opened = await engine();
    const kind = textOption(options, 'waitingFor');
    const found = await wait('looking', () => opened.listTasks(id ?? toFilter(options)));
    const shown = kind === undefined ? found : found.filter(({ task }) => task.waiting_for === kind);
    out.result(shown, () => renderWaiting(shown));
  },
};

function toFilter(options: Options): TaskFilter {
  const feature = textOption(options, 'feature');
  const tenant = textOption(options, 'tenant');
  return {
    ...(feature !== undefined && { feature_id: feature }),
    ...(tenant !== undefined && { tenant_id: tenant }),
    ...textFields(options, ['schema', 'waitingFor']),
    limit: numberOption(options, 'limit') ?? 100,
  };
}
