import type { Task } from '../../../core/shapes.js';
import type { CliCommand } from '../cli-command.js';
import { numberOption, parseNumber, textFields, textOption } from '../command-options.js';
import type { Output } from '../output.js';
import { renderFields } from '../table.js';

const DEFAULT_LEASE_SEC = 300;

export const claim: CliCommand = {
  name: 'claim',
  summary: 'take an open task for an agent: of two that ask at once, one gets it',
  group: 'Tasks',
  examples: [
    'chatflow claim wfi_0123456789ab --agent coder-1',
    'chatflow claim wfi_0123456789ab --agent coder-1 --task code#1/code --lease 900 --json',
  ],
  define: (command) =>
    command
      .argument('<id>', 'the instance')
      .requiredOption('--agent <name>', 'who claims it')
      .option('--task <task>', 'a task_id or name; default: the oldest open one')
      .option('--lease <sec>', 'how long it is kept, 1 to 86400', parseNumber, DEFAULT_LEASE_SEC)
      .option('--request-id <id>', 'the same agent and request get the same claim again'),
  run: async ({ engine, out, wait }, [id = ''], options) => {
    const opened = await engine();
    const request = {
      agent_id: textOption(options, 'agent') ?? '',
      lease_sec: numberOption(options, 'lease') ?? DEFAULT_LEASE_SEC,
      ...textFields(options, ['task', 'requestId']),
    };
    printTask(out, await wait('claiming', () => opened.claimTask(id, request)));
  },
};

export const heartbeat: CliCommand = {
  name: 'heartbeat',
  summary: 'keep a claim for longer',
  group: 'Tasks',
  examples: ['chatflow heartbeat wfi_0123456789ab --claim-id clm_0123456789abcdef --lease 600'],
  define: (command) =>
    command
      .argument('<id>', 'the instance')
      .requiredOption('--claim-id <id>', 'the claim')
      .option('--lease <sec>', 'from now on; default: as long as before', parseNumber),
  run: async ({ engine, out, wait }, [id = ''], options) => {
    const opened = await engine();
    const lease = numberOption(options, 'lease');
    const request = {
      claim_id: textOption(options, 'claimId') ?? '',
      ...(lease !== undefined && { lease_sec: lease }),
    };
    printTask(out, await wait('asking', () => opened.heartbeatTask(id, request)));
  },
};

export const release: CliCommand = {
  name: 'release',
  summary: 'give a claimed task back',
  group: 'Tasks',
  examples: ['chatflow release wfi_0123456789ab --claim-id clm_0123456789abcdef'],
  define: (command) =>
    command.argument('<id>', 'the instance').requiredOption('--claim-id <id>', 'the claim'),
  run: async ({ engine, out, wait }, [id = ''], options) => {
    const opened = await engine();
    const request = { claim_id: textOption(options, 'claimId') ?? '' };
    printTask(out, await wait('releasing', () => opened.releaseTask(id, request)));
  },
};

function printTask(out: Output, task: Task): void {
  out.result(task, (shown) =>
    renderFields([
      ['task', shown.task_id],
      ['text', shown.text],
      ['claimed by', shown.claimed_by],
      ['claim', shown.claim_id],
      ['until', shown.lease_expires_at],
    ]),
  );
}
