import { stat } from 'node:fs/promises';
import { resolve } from 'node:path';
import type { StartRequest } from '../../../client/requests.js';
import type { WorkflowStartResult } from '../../../core/shapes.js';
import type { CliCommand, CommandContext, Options } from '../cli-command.js';
import type { CliIo } from '../cli-io.js';
import { flagOption, numberOption, parseInteger, textOption } from '../command-options.js';
import { readInput, readJsonObject } from '../read-argument.js';
import { renderTable } from '../table.js';

export const start: CliCommand = {
  name: 'start',
  summary: 'start an instance of a definition: a file, or a name in the configured folders',
  group: 'Instances',
  examples: [
    'chatflow start examples/hello.yaml --feature demo',
    `chatflow start feature-development@1.2 --context '{"user_request": "Dark mode"}' --feature DM-7`,
    'chatflow start flow.yaml --context @context.json --dry-run',
    'cat flow.yaml | chatflow start - --json',
  ],
  define: (command) =>
    command
      .argument('<file-or-name>', 'a definition file, - for standard input, or name[@version]')
      .option('--context <json>', 'initial_context: JSON, @file, or - for standard input')
      .option('--feature <id>', "what it belongs to (default: the definition's name)")
      .option('--meta <json>', 'JSON that goes with the instance')
      .option('--quota <json>', 'resource_quota, such as {"max_tokens": 1000}')
      .option('--tenant <id>', 'the tenant it belongs to')
      .option('--automation-level <0-100>', 'how much may happen without a person', parseInteger)
      .option('--dry-run', 'check everything and show the plan; start nothing'),
  run: async (context, [source = ''], options) => {
    const request = await readRequest(context.io, source, options);
    const engine = await context.engine();
    const result = await context.wait('starting', () => engine.startWorkflowInstance(request));
    context.out.result(result, renderStart);
    if (!result.dry_run) noteNext(context, result);
  },
};

async function readRequest(io: CliIo, source: string, options: Options): Promise<StartRequest> {
  const context = await readJsonObject(io, '--context', textOption(options, 'context'));
  const meta = await readJsonObject(io, '--meta', textOption(options, 'meta'));
  const quota = await readJsonObject(io, '--quota', textOption(options, 'quota'));
  const feature = textOption(options, 'feature');
  const tenant = textOption(options, 'tenant');
  const level = numberOption(options, 'automationLevel');
  return {
    ...(await readSource(io, source)),
    ...(context !== undefined && { initial_context: context }),
    ...(meta !== undefined && { meta }),
    ...(quota !== undefined && { resource_quota: quota }),
    ...(feature !== undefined && { feature_id: feature }),
    ...(tenant !== undefined && { tenant_id: tenant }),
    ...(level !== undefined && { automation_level: level }),
    dry_run: flagOption(options, 'dryRun'),
  };
}

/** A file that exists, or is written like one, is a file; every other word is a definition's name. */
async function readSource(
  io: CliIo,
  source: string,
): Promise<Pick<StartRequest, 'schema' | 'schema_file' | 'schema_id'>> {
  const isPath = source === '-' || source.includes('/') || /\.(ya?ml|json)$/.test(source);
  if (!isPath && !(await isFile(resolve(io.cwd, source)))) return { schema_id: source };
  const schema = await readInput(io, source);
  return source === '-' ? { schema } : { schema, schema_file: source };
}

async function isFile(path: string): Promise<boolean> {
  return stat(path).then(
    (found) => found.isFile(),
    () => false,
  );
}

/** The id alone, so that `ID=$(chatflow start …)` works; a plan as a table. */
function renderStart(result: WorkflowStartResult): string[] {
  if (result.plan === undefined) return [result.instance_id ?? ''];
  const rows = result.plan.phases.flatMap((phase) =>
    phase.tasks.length === 0
      ? [[phase.name, phase.will, '', '', '']]
      : phase.tasks.map((task) => [phase.name, phase.will, task.name, task.kind, task.waiting_for ?? '']),
  );
  return renderTable(['PHASE', 'WILL', 'TASK', 'KIND', 'WAITS FOR'], rows);
}

function noteNext({ out }: CommandContext, result: WorkflowStartResult): void {
  const { instance_id: id, workflow_name: name, schema_version: version } = result;
  out.note(`${name}@${version} is ${result.status} in ${result.current_phase ?? 'no phase'}.`);
  out.note(
    `Go on with: chatflow tasks ${id ?? ''}, chatflow trigger ${id ?? ''}, chatflow watch ${id ?? ''}`,
  );
}
