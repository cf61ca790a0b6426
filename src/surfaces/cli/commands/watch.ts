import type { WorkflowStatusInfo } from '../../../core/shapes.js';
import type { CliCommand } from '../cli-command.js';
import { flagOption } from '../command-options.js';
import { renderTree } from '../render-tree.js';
import { renderWatch } from '../render.js';
import { exitCodeOf } from '../stop-signals.js';
import { untilInterrupted } from '../until-interrupted.js';
import { waitForFirst } from '../wait-for-first.js';

export const watch: CliCommand = {
  name: 'watch',
  summary:
    'follow an instance until it has closed: one line (with --json one document) a change. Exits 0 where it completed, 1 where it ended otherwise',
  group: 'Instances',
  examples: [
    'chatflow watch wfi_0123456789ab',
    'chatflow watch wfi_0123456789ab --json | jq -r .current_phase',
    'chatflow watch wfi_0123456789ab --tree',
    'chatflow watch wfi_0123456789ab && echo completed',
  ],
  define: (command) =>
    command
      .argument('<id>', 'the instance')
      .option('--tree', 'the whole tree below it at each change, in place of one line'),
  run: async ({ engine, io, out, wait }, [id = ''], options) => {
    const opened = await engine();
    const last: { status?: Status } = {};
    const stoppedBy = await untilInterrupted(io, async (signal) => {
      if (flagOption(options, 'tree')) {
        for await (const monitor of waitForFirst(wait, opened.watchTree(id, { signal }))) {
          last.status = monitor.root.status;
          out.item(monitor, (shown) => `${renderTree(shown, out.colours, Date.now()).join('\n')}\n`);
        }
        return;
      }
      for await (const info of waitForFirst(wait, opened.watch(id, { signal }))) {
        last.status = info.status;
        out.item(info, (shown) => renderWatch(shown, out.colours));
      }
    });
    return exitCodeFor(last.status, stoppedBy);
  },
};

type Status = WorkflowStatusInfo['status'];

const ENDED_BADLY: readonly Status[] = ['failed', 'cancelled', 'terminated'];

/** A signal counts only while the instance is open; that nobody reads on is no failure. */
function exitCodeFor(status: Status | undefined, stoppedBy: NodeJS.Signals | null): number {
  if (status === 'completed') return 0;
  if (status !== undefined && ENDED_BADLY.includes(status)) return 1;
  return stoppedBy === null ? 0 : exitCodeOf(stoppedBy);
}
