import type { RetryRequest } from '../../../core/shapes.js';
import { ChatFlowError } from '../../../core/errors.js';
import type { CliCommand } from '../cli-command.js';
import { textFields, textOption } from '../command-options.js';
import { readJsonObject } from '../read-argument.js';
import { renderStatus } from '../render.js';
import { reportError } from '../report-error.js';

const REFUSED = 1;

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
    try {
      const info = await wait('retrying', () => opened.retry(id, request));
      out.result(info, (shown) => renderStatus(shown, out.colours));
      return 0;
    } catch (error) {
      if (!isRefusal(error)) throw error;
      reportError(io, error, out.json);
      return REFUSED;
    }
  },
};

/** The request is fine, the instance is not in a state for it (or has a parent that is open). */
function isRefusal(error: unknown): boolean {
  if (!(error instanceof ChatFlowError) || error.type !== 'InvalidInputError') return false;
  const { status, parent_instance_id: parent } = error.details;
  return parent !== undefined || (status !== undefined && status !== 'failed');
}
