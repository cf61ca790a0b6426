import { ChatFlowError } from '../../../core/errors.js';
import type { WorkflowEngine } from '../../../client/workflow-engine.js';
import type { CliCommand, CommandContext } from '../cli-command.js';
import { textOption } from '../command-options.js';
import { renderTable } from '../table.js';

export const artifacts: CliCommand = {
  name: 'artifacts',
  summary: 'list the artifacts of an instance, or show those of a phase',
  group: 'Instances',
  examples: [
    'chatflow artifacts wfi_0123456789ab',
    'chatflow artifacts wfi_0123456789ab --phase code',
    'chatflow artifacts wfi_0123456789ab --phase code#2 --json',
  ],
  define: (command) =>
    command
      .argument('<id>', 'the instance')
      .option('--phase <phase>', 'show prompt, response and record of a phase, phase#visit or task_id'),
  run: async (context, [id = ''], options) => {
    const engine = await context.engine();
    const phase = textOption(options, 'phase');
    if (phase !== undefined) return showPhase(context, engine, { id, phase });
    const refs = await context.wait('listing', () => engine.listArtifacts(id));
    context.out.result(refs, () =>
      renderTable(
        ['NAME', 'KIND', 'PHASE', 'BYTES', 'CREATED', 'URI'],
        refs.map((ref) => [
          ref.name,
          ref.kind,
          ref.phase ?? '',
          String(ref.size_bytes),
          ref.created_at,
          ref.uri,
        ]),
      ),
    );
  },
};

async function showPhase(
  { out, wait }: CommandContext,
  engine: WorkflowEngine,
  { id, phase }: { readonly id: string; readonly phase: string },
): Promise<void> {
  const found = await wait('reading', () => engine.getTaskArtifacts(id, phase));
  if (found === null) {
    const message = `Nothing has been saved for ${phase} [instance_id=${id}]`;
    throw new ChatFlowError('ArtifactNotFoundError', message, { instance_id: id, phase });
  }
  out.result(found, () => [
    ...(found.prompt === null ? [] : ['# Prompt', found.prompt]),
    ...(found.ai_response === null ? [] : ['# Response', found.ai_response]),
    '# Record',
    JSON.stringify(found.record, null, 2),
  ]);
}
