import { untilAborted } from '../../../client/until-aborted.js';
import type { WorkflowEngine } from '../../../client/workflow-engine.js';
import type { CliCommand, CommandContext } from '../cli-command.js';
import { flagOption, numberOption, parseInteger } from '../command-options.js';
import { renderEvent } from '../render.js';
import { untilInterrupted } from '../until-interrupted.js';
import { waitForFirst } from '../wait-for-first.js';

export const history: CliCommand = {
  name: 'history',
  summary: 'show the audit stream of an instance, from its first event on',
  group: 'Instances',
  examples: [
    'chatflow history wfi_0123456789ab',
    'chatflow history wfi_0123456789ab --after 20 --json',
    'chatflow history wfi_0123456789ab --follow',
  ],
  define: (command) =>
    command
      .argument('<id>', 'the instance')
      .option('--after <seq>', 'only events with a greater number', parseInteger, 0)
      .option('--follow', 'go on until the instance has closed; one document a line with --json'),
  run: async (context, [id = ''], options) => {
    const after = numberOption(options, 'after') ?? 0;
    const engine = await context.engine();
    if (flagOption(options, 'follow')) {
      await untilInterrupted(context.io, (signal) => follow(context, engine, { id, after, signal }));
      return;
    }
    const events = await context.wait('reading', () => engine.getHistory(id, { after }));
    context.out.result(events, (shown) => shown.map((event) => renderEvent(event, context.out.colours)));
  },
};

interface Follow {
  readonly id: string;
  readonly after: number;
  readonly signal: AbortSignal;
}

/** The events after each change of the status; those of the end come with the last. */
async function follow(
  { out, wait }: CommandContext,
  engine: WorkflowEngine,
  { id, after, signal }: Follow,
): Promise<void> {
  let last = after;
  const changes = waitForFirst(wait, engine.watch(id, { signal }));
  while ((await changes.next()).done !== true) {
    const events = await untilAborted(engine.getHistory(id, { after: last }), signal);
    for (const event of events ?? []) {
      out.item(event, (shown) => renderEvent(shown, out.colours));
      last = event.seq;
    }
  }
}
