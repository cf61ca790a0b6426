import type { CliCommand } from '../cli-command.js';
import { numberOption, parseInteger } from '../command-options.js';
import { renderTree } from '../render-tree.js';

/** As deep as trees go. */
const WHOLE_TREE = 100;

export const tree: CliCommand = {
  name: 'tree',
  summary: 'show an instance with all below it: phase, status, tokens, cost, age',
  group: 'Instances',
  examples: ['chatflow tree wfi_0123456789ab', 'chatflow tree wfi_0123456789ab --depth 1 --json'],
  define: (command) =>
    command
      .argument('<id>', 'the root of the tree, or any instance in it')
      .option('--depth <n>', 'so many levels of children at most', parseInteger, WHOLE_TREE),
  run: async ({ engine, out, wait }, [id = ''], options) => {
    const opened = await engine();
    const depth = numberOption(options, 'depth') ?? WHOLE_TREE;
    const monitor = await wait('asking', () => opened.monitorWorkflowTree(id, { depth }));
    out.result(monitor, (shown) => renderTree(shown, out.colours, Date.now()));
  },
};
