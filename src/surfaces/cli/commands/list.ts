import { Option } from 'commander';
import type { InstanceFilter } from '../../../client/requests.js';
import type { CliCommand, Options } from '../cli-command.js';
import { numberOption, parseInteger, textFields, textOption } from '../command-options.js';
import { renderInstances } from '../render.js';

const STATUSES = ['created', 'running', 'paused', 'completed', 'failed', 'terminated', 'cancelled'] as const;
const DEFAULT_LIMIT = 50;

export const list: CliCommand = {
  name: 'list',
  summary: 'list instances, newest first (it may lag by a second)',
  group: 'Instances',
  examples: [
    'chatflow list',
    'chatflow list --feature DM-7 --status running',
    'chatflow list --limit 500 --json',
  ],
  define: (command) =>
    command
      .option('--feature <id>', 'of this feature')
      .option('--schema <name>', 'of this definition: name, or name@version')
      .addOption(new Option('--status <status>', 'in this status').choices(STATUSES))
      .option('--phase <phase>', 'in this phase')
      .option('--waiting-for <kind>', 'with an open task of this kind, or kind:phase')
      .option('--tenant <id>', 'of this tenant')
      .option('--limit <n>', 'at most so many', parseInteger, DEFAULT_LIMIT),
  run: async ({ engine, out, wait }, _args, options) => {
    const opened = await engine();
    const filter = toFilter(options);
    const instances = await wait('listing', () => opened.listInstances(filter));
    out.result(instances, (shown) => renderInstances(shown, out.colours));
    const oneMore = { ...filter, limit: filter.limit + 1 };
    if (!out.json && (await opened.countInstances(oneMore)) > filter.limit) {
      out.note('There are more; --limit shows more.');
    }
  },
};

function toFilter(options: Options): InstanceFilter & { readonly limit: number } {
  const feature = textOption(options, 'feature');
  const tenant = textOption(options, 'tenant');
  return {
    ...(feature !== undefined && { feature_id: feature }),
    ...(tenant !== undefined && { tenant_id: tenant }),
    ...textFields(options, ['schema', 'status', 'phase', 'waitingFor']),
    limit: numberOption(options, 'limit') ?? DEFAULT_LIMIT,
  };
}
