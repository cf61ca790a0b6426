import type { RetryRequest } from '../../../core/shapes.js';
import type { CliCommand } from '../cli-command.js';
import { textFields, textOption } from '../command-options.js';
import { readJsonObject } from '../read-argument.js';
import { renderStatus } from '../render.js';

export const retry: CliCommand = {
  name: 'retry',
  summary: 'let a failed instance go on from where it failed, under the same id',
  group: 'Steering',
  examples: [
    'chatflow retry wfi_0123456789ab',
    `chatflow retry wfi_0123456789ab --quota '{"max_tokens": 200000}' --guidance 'Use the new API'`,
  ],
  define: (command) =>
    command
      .argument('<id>', 'the instance')
      .option('--quota <json>', 'higher limits, where it ran into one')
      .option('--guidance <text>', 'shown to whoever does the phase again'),
  run: async ({ engine, io, out, wait }, [id = ''], options) => {
    const quota = await readJsonObject(io, '--quota', textOption(options, 'quota'));
    const request: RetryRequest = {
      ...textFields(options, ['guidance']),
      ...(quota !== undefined && { resource_quota: quota }),
    };
    const opened = await engine();
    const info = await wait('retrying', () => opened.retry(id, request));
    out.result(info, () => renderStatus(info, out.colours));
  },
};
