import type { RewindRequest } from '../../../core/shapes.js';
import type { CliCommand } from '../cli-command.js';
import { flagOption, textFields, textOption } from '../command-options.js';
import { readJsonObject } from '../read-argument.js';
import { renderTrigger } from '../render.js';

export const rewind: CliCommand = {
  name: 'rewind',
  summary: 'go back to a phase: it and the later ones are done again',
  group: 'Steering',
  examples: [
    'chatflow rewind wfi_0123456789ab --phase design',
    `chatflow rewind wfi_0123456789ab --phase design --variables '{"style": "flat"}' --guidance 'Simpler, please'`,
  ],
  define: (command) =>
    command
      .argument('<id>', 'the instance')
      .requiredOption('--phase <phase>', 'where to go on from')
      .option('--variables <json>', 'merged into the variables')
      .option('--guidance <text>', 'shown to whoever does the phase again')
      .option('--rerun-children', 'run children again, too, that have completed alike'),
  run: async ({ engine, io, out, wait }, [id = ''], options) => {
    const variables = await readJsonObject(io, '--variables', textOption(options, 'variables'));
    const request: RewindRequest = {
      phase: textOption(options, 'phase') ?? '',
      ...textFields(options, ['guidance']),
      ...(variables !== undefined && { variables }),
      ...(flagOption(options, 'rerunChildren') && { rerun_children: true }),
    };
    const opened = await engine();
    const result = await wait('rewinding', () => opened.rewind(id, request));
    out.result(result, (shown) => [renderTrigger(shown, out.colours)]);
  },
};
