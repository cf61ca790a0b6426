import type { CliCommand } from '../cli-command.js';
import { textOption } from '../command-options.js';
import { renderFeature } from '../render.js';

export const feature: CliCommand = {
  name: 'feature',
  summary: 'count the instances of a feature by status',
  group: 'Instances',
  examples: ['chatflow feature DM-7', 'chatflow feature DM-7 --schema feature-development --json'],
  define: (command) =>
    command.argument('<id>', 'the feature').option('--schema <name>', 'only instances of this definition'),
  run: async ({ engine, out, wait }, [id = ''], options) => {
    const opened = await engine();
    const counted = await wait('counting', () => opened.getFeatureStatus(id, textOption(options, 'schema')));
    out.result(counted, (shown) => renderFeature(shown, out.colours));
  },
};
