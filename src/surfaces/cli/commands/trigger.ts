import type { TriggerRequest } from '../../../client/requests.js';
import { ERRORS, isErrorName } from '../../../core/errors.js';
import type { TriggerResult } from '../../../core/shapes.js';
import type { CliCommand, Options } from '../cli-command.js';
import type { CliIo } from '../cli-io.js';
import { flagOption, textFields, textOption } from '../command-options.js';
import { readJsonObject } from '../read-argument.js';
import { renderTrigger } from '../render.js';
import { Option } from 'commander';

export const trigger: CliCommand = {
  name: 'trigger',
  summary: 'report what was done: complete (or fail) a task and move the instance on',
  group: 'Instances',
  examples: [
    `chatflow trigger wfi_0123456789ab --data '{"summary": "done"}'`,
    `chatflow trigger wfi_0123456789ab --task 'review#1/gate' --data '{"decision": "approve"}'`,
    'chatflow trigger wfi_0123456789ab --data @result.json --trigger-id code#1/code/1 --dry-run',
  ],
  define: (command) =>
    command
      .argument('<id>', 'the instance')
      .option('--data <json>', 'trigger_data: JSON, @file, or - for standard input')
      .option('--meta <json>', "merges into the instance's meta")
      .option('--usage <json>', 'what it has cost, such as {"tokens": 1200, "cost_usd": 0.02}')
      .option('--task <task>', 'the task_id, or the name of a task of the current visit')
      .option('--expected-phase <phase>', 'refuse unless the task is of this phase (or phase#visit)')
      .option('--trigger-id <id>', 'makes it idempotent: the same id again changes nothing')
      .option('--claim-id <id>', 'the claim on the task')
      .addOption(new Option('--outcome <outcome>', 'how the task ended').choices(['completed', 'failed']))
      .option('--error <json>', 'with --outcome failed: {"type": …, "message": …}')
      .option('--dry-run', 'say what would happen; leave no trace'),
  run: async (context, [id = ''], options) => {
    const request = await readRequest(context.io, options);
    const engine = await context.engine();
    const result = await context.wait('triggering', () => engine.triggerNextStep(id, request));
    context.out.result(result, (shown) => [renderTrigger(shown, context.out.colours)]);
    return exitCodeOf(result);
  },
};

/** A dry run that is refused ends as the trigger itself would. */
function exitCodeOf({ error }: TriggerResult): number {
  if (error === undefined) return 0;
  return isErrorName(error.type) ? ERRORS[error.type].exitCode : 1;
}

async function readRequest(io: CliIo, options: Options): Promise<TriggerRequest> {
  const read = (name: string): ReturnType<typeof readJsonObject> =>
    readJsonObject(io, `--${name}`, textOption(options, name));
  const data = await read('data');
  const meta = await read('meta');
  const usage = await read('usage');
  const error = await read('error');
  return {
    ...(data !== undefined && { trigger_data: data }),
    ...(meta !== undefined && { meta }),
    ...(usage !== undefined && { usage }),
    // The engine checks the shape: a surface only carries it.
    ...(error !== undefined && { error: error as unknown as NonNullable<TriggerRequest['error']> }),
    ...textFields(options, ['task', 'expectedPhase', 'triggerId', 'claimId', 'outcome']),
    dry_run: flagOption(options, 'dryRun'),
  };
}
