/** Facts that every command of Temporal's CLI needs to reach an instance. */
export interface CommandTarget {
  readonly address: string;
  readonly namespace: string;
  readonly instanceId: string;
}

/** Commands that read an instance; they answer for closed ones too, as long as a worker is up. */
export function readCommands(target: CommandTarget): readonly string[] {
  return [
    `temporal workflow query ${where(target)} --name get_workflow_status_info`,
    `temporal workflow query ${where(target)} --name get_workflow_state`,
    `temporal workflow query ${where(target)} --name get_history`,
  ];
}

/** Commands of ChatFlow's own CLI, in this checkout, that show an instance with all below it. */
export function treeCommands({ address, namespace, instanceId }: CommandTarget): readonly string[] {
  const env = `TEMPORAL_ADDRESS=${address} TEMPORAL_NAMESPACE=${namespace}`;
  return [`${env} npx chatflow tree ${instanceId}`, `${env} npx chatflow watch ${instanceId} --tree`];
}

/** Commands that decide an open approval: one that waits for the answer, and one that does not. */
export function decideCommands(target: CommandTarget, taskId: string, decision: string): readonly string[] {
  const input = { task: taskId, trigger_data: { decision }, meta: { actor: 'you' } };
  const rest = `${where(target)} --name trigger_next_step --input ${quote(JSON.stringify(input))}`;
  return [`temporal workflow update execute ${rest}`, `temporal workflow signal ${rest}`];
}

/** The command that puts Temporal's CLI on PATH; none where it is there. */
export function pathCommands(folder: string | null): readonly string[] {
  return folder === null ? [] : [`export PATH=${quote(folder)}:$PATH`];
}

/** The page of an instance's history in Temporal's Web UI. */
export function webUiLink(uiUrl: string, namespace: string, instanceId: string, runId: string): string {
  return `${uiUrl}/namespaces/${namespace}/workflows/${instanceId}/${runId}/history`;
}

function where({ address, namespace, instanceId }: CommandTarget): string {
  return `--address ${address} --namespace ${namespace} --workflow-id ${instanceId}`;
}

/** One word of a POSIX shell. */
function quote(text: string): string {
  return `'${text.replaceAll("'", `'\\''`)}'`;
}
