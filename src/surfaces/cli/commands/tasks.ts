import { Option } from 'commander';
import type { TaskFilter } from '../../../client/requests.js';
import type { CliCommand, Options } from '../cli-command.js';
import { numberOption, parseInteger, textFields, textOption } from '../command-options.js';
import { renderWaiting } from '../render.js';
import { usageError } from '../usage-error.js';

const DEFAULT_LIMIT = 100;

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
      .option(
        '--limit <n>',
        `look into so many instances at most, the oldest first (default: ${String(DEFAULT_LIMIT)})`,
        parseInteger,
      ),
  run: async ({ engine, out, wait }, [id], options) => {
    if (id !== undefined) refuseBesideId(options);
    const opened = await engine();
    const kind = textOption(options, 'waitingFor');
    const filter = toFilter(options);
    const found = await wait('looking', () => opened.listTasks(id ?? filter));
    const asked = kind === undefined ? found : found.filter(({ task }) => task.waiting_for === kind);
    out.result(asked, renderWaiting);
    if (id !== undefined || out.json) return;
    const { limit, waiting_for: kinds = ['agent', 'approval'], ...rest } = filter;
    const more = (await opened.countInstances({ ...rest, waiting_for: kinds })) - limit;
    if (more > 0) out.note(`${String(more)} more instances wait; --limit shows more.`);
  },
};

/** They choose among all instances. */
function refuseBesideId(options: Options): void {
  const given = ['feature', 'schema', 'tenant', 'limit'].filter((name) => options[name] !== undefined);
  if (given.length === 0) return;
  const names = given.map((name) => `--${name}`).join(', ');
  throw usageError('chatflow.besideId', `${names}: these need no id, they choose among all instances`);
}

function toFilter(options: Options): TaskFilter & { readonly limit: number } {
  const feature = textOption(options, 'feature');
  const tenant = textOption(options, 'tenant');
  return {
    ...(feature !== undefined && { feature_id: feature }),
    ...(tenant !== undefined && { tenant_id: tenant }),
    ...textFields(options, ['schema', 'waitingFor']),
    limit: numberOption(options, 'limit') ?? DEFAULT_LIMIT,
  };
}
