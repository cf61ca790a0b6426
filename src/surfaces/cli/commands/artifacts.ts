import { ChatFlowError } from '../../../core/errors.js';
import { OTHER_STORE } from '../../../client/other-store.js';
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
    context.out.result(refs, (shown) =>
      renderTable(
        ['NAME', 'KIND', 'PHASE', 'BYTES', 'CREATED', 'URI'],
        shown.map((ref) => [
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
  { io, out, wait }: CommandContext,
  engine: WorkflowEngine,
  { id, phase }: { readonly id: string; readonly phase: string },
): Promise<void> {
  const found = await wait('reading', () => engine.getTaskArtifacts(id, phase));
  if (found === null) {
    const { loadConfig } = await import('../../../platform/config.js');
    const { root } = loadConfig({ env: io.env, cwd: io.cwd }).artifact_store;
    const message = `Nothing has been saved for ${phase} in ${root}; ${OTHER_STORE} [instance_id=${id}]`;
    throw new ChatFlowError('ArtifactNotFoundError', message, { instance_id: id, phase, artifacts: root });
  }
  out.result(found, ({ prompt, ai_response: response, record }) => [
    ...(prompt === null ? [] : ['# Prompt', prompt]),
    ...(response === null ? [] : ['# Response', response]),
    '# Record',
    JSON.stringify(record, null, 2),
  ]);
}
