/**
 * `npm run demo`: a real audit, from an empty machine to a report. It starts the engine (`chatflow up`) and nine
 * agents as processes of their own, runs examples/repository-audit.yaml on a source tree with a child a folder, shows
 * what happens, grants the approval in the middle, draws the tree, says where to look, and ends everything that it
 * started. One folder can't be opened, on purpose: its child fails, and the audit goes on.
 * Exit code 0: the flow completed and the report exists; 1: it did not; 2: wrong arguments, and nothing was started.
 */
import { stat } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { init, type WorkflowEngine } from '../../src/client/index.js';
import type { Task, WorkflowState } from '../../src/core/shapes.js';
import { AGENTS, startAgentProcesses, type AgentProcesses } from './demo/agent-processes.js';
import { askOnTerminal, grantAll } from './demo/decide.js';
import { checkDemoOptions } from './demo/check-demo-options.js';
import { DemoUsageError, USAGE, readDemoOptions, type DemoOptions } from './demo/demo-options.js';
import { drawTree } from './demo/draw-tree.js';
import {
  decideCommands,
  pathCommands,
  readCommands,
  treeCommands,
  webUiLink,
  type CommandTarget,
} from './demo/engine-commands.js';
import { startEngineProcess, type EngineProcess } from './demo/engine-process.js';
import { followAudit } from './demo/follow-audit.js';
import { createProgress, type Progress } from './demo/progress.js';
import { startAudit, type AuditOptions, type StartedAudit } from './demo/start-audit.js';
import { findRunId, findTemporalFolder } from './demo/temporal-facts.js';
import { tokenQuota } from './demo/token-quota.js';

/** What is up while the demo runs. */
interface Stage {
  readonly options: AuditOptions & DemoOptions;
  readonly progress: Progress;
  readonly engine: EngineProcess;
  readonly api: WorkflowEngine;
  /** Where Temporal's CLI lies; null where it is on PATH. */
  readonly temporalFolder: string | null;
  /** Aborts when the demo is told to end. */
  readonly ending: AbortSignal;
  /** Ends it with a reason of its own. */
  readonly giveUp: (reason: Error) => void;
}

async function runDemo(options: Stage['options'], ending: AbortController): Promise<number> {
  const progress = createProgress(process.stdout);
  progress.say(`Starting Temporal and the worker (data in ${shown(options, options.dataDir)}) …`);
  const engine = await startEngineProcess({ ...options, say: progress.say });
  engine.kept.catch((error: unknown) => {
    ending.abort(error);
  });
  const { address, namespace } = engine;
  const api = await init({ address, namespace, data_dir: options.dataDir });
  try {
    progress.say(`Temporal is up at ${address}, its Web UI at ${engine.uiUrl ?? '(none)'}.`);
    progress.say(
      `The engine is process ${String(engine.pid())}: a kill -9 ends neither the audit nor this demo.`,
    );
    const temporalFolder = await findTemporalFolder();
    const giveUp = (reason: Error): void => ending.abort(reason);
    const stage = { options, progress, engine, api, temporalFolder, ending: ending.signal, giveUp };
    const code = await play(stage);
    if (code === 0 && options.keep) await keepUp(stage);
    return code;
  } finally {
    progress.clear();
    await api.close();
    await engine.stop();
  }
}

async function play(stage: Stage): Promise<number> {
  const { progress, api } = stage;
  const startedAt = Date.now();
  const { final, reportPath } = await runAudit(stage);
  const seconds = ((Date.now() - startedAt) / 1000).toFixed(1);
  if (final.status !== 'completed') {
    const why = final.failure === null ? '' : `: ${final.failure.type}: ${final.failure.message}`;
    progress.say(`The audit ended as ${final.status}${why}`);
    return 1;
  }
  const { size } = await stat(reportPath);
  progress.say(`The audit is complete after ${seconds} s: ${String(final.variables['summary'])}.`);
  progress.print('\nThe audit with its children, as `chatflow tree` draws it:\n');
  for (const line of await drawTree(api, final.instance_id, process.stdout))
    progress.print(`  ${line}`.trimEnd());
  await printWhereToLook(stage, final.instance_id, `${reportPath} (${String(size)} bytes)`);
  return 0;
}

/** One audit from its start to its end, with its agents. */
async function runAudit(
  stage: Stage,
): Promise<{ readonly final: WorkflowState; readonly reportPath: string }> {
  const { options, progress, api } = stage;
  const audit = await startAudit(api, options);
  progress.say(
    audit.resumed
      ? `Audit ${audit.instanceId} of ${options.treePath} was left open by an earlier demo: going on with it.`
      : `Audit ${audit.instanceId} of ${options.treePath} is started, and of a link to itself, which nobody can open.`,
  );
  const agents = startAgents(stage, audit);
  progress.say(
    `${String(AGENTS.length)} agents are at work, each a process of its own that knows nothing but Temporal's address.`,
  );
  try {
    const otherWays = (task: Task): readonly string[] =>
      decideCommands(targetOf(stage, audit), task.task_id, 'approve');
    const decide = options.interactive ? askOnTerminal(progress, otherWays) : grantAll(progress);
    const final = await followAudit({
      engine: api,
      instanceId: audit.instanceId,
      progress,
      decide,
      signal: stage.ending,
    });
    return { final, reportPath: audit.reportPath };
  } finally {
    await agents.stop();
  }
}

/** A second audit, which the agents take to its approval and no further: the rest is for whoever reads the commands. */
async function keepUp(stage: Stage): Promise<void> {
  const { options, progress, api } = stage;
  const audit = await startAudit(api, options);
  progress.say(`A second audit, ${audit.instanceId}, goes up to its approval and waits there for you.`);
  const agents = startAgents(stage, audit);
  let told = false;
  const onLook = (state: WorkflowState): void => {
    const approval = state.tasks.find((task) => task.status === 'open' && task.waiting_for === 'approval');
    if (told || approval === undefined) return;
    told = true;
    const target = targetOf(stage, audit);
    progress.print('\nDrive it from another terminal (any one of the first two grants the approval):\n');
    const decide = decideCommands(target, approval.task_id, 'approve');
    for (const line of [...decide, ...treeCommands(target), ...readCommands(target)]) {
      progress.print(`  ${line}`);
    }
    progress.print(`\nThe server stays up until you press Ctrl-C.\n`);
  };
  try {
    await followAudit({
      engine: api,
      instanceId: audit.instanceId,
      progress,
      decide: null,
      signal: stage.ending,
      onLook,
    });
    progress.say('The second audit has ended too. The server stays up until you press Ctrl-C.');
    await untilAborted(stage.ending);
  } catch (error) {
    if (!(error instanceof Interrupted)) throw error;
  } finally {
    await agents.stop();
  }
}

async function printWhereToLook(stage: Stage, instanceId: string, report: string): Promise<void> {
  const { options, progress, engine } = stage;
  const { address, namespace, uiUrl } = engine;
  const target = { address, namespace, instanceId };
  const approval = 'sign_off#1/sign_off';
  progress.print(`\n  Report    ${report}`);
  if (uiUrl !== null) {
    progress.print(
      `  Web UI    ${webUiLink(uiUrl, namespace, instanceId, await findRunId(address, namespace, instanceId))}`,
    );
  }
  progress.print(
    options.keep
      ? '\nThe same from another terminal, with ChatFlow’s CLI and with Temporal’s own, while this demo holds the server up:\n'
      : '\nThe same with ChatFlow’s CLI and with Temporal’s own. The server ends with this demo; `npm run demo -- --keep`\n' +
          'holds it up, with a second audit that waits for its approval:\n',
  );
  for (const line of treeCommands(target)) progress.print(`  ${line}`);
  const commands = [...pathCommands(stage.temporalFolder), ...readCommands(target)];
  for (const line of commands) progress.print(`  ${line}`);
  progress.print('\nAnd this is what granted the approval, as an update that answers or as a signal:\n');
  for (const line of decideCommands(target, approval, 'approve')) progress.print(`  ${line}`);
  progress.print('');
}

function startAgents(stage: Stage, audit: StartedAudit): AgentProcesses {
  const { engine, progress, giveUp } = stage;
  const logFile = join(audit.workDir, 'agents.log');
  return startAgentProcesses({ engine, instanceId: audit.instanceId, logFile, say: progress.say, giveUp });
}

function targetOf(stage: Stage, audit: StartedAudit): CommandTarget {
  const { address, namespace } = stage.engine;
  return { address, namespace, instanceId: audit.instanceId };
}

function shown(options: DemoOptions, path: string): string {
  const inside = relative(options.projectRoot, path);
  return inside.startsWith('..') ? path : inside;
}

/** Rejects when the demo is told to end. */
function untilAborted(signal: AbortSignal): Promise<never> {
  return new Promise((_, reject) => {
    const end = (): void => {
      reject(signal.reason instanceof Error ? signal.reason : new Error(String(signal.reason)));
    };
    if (signal.aborted) end();
    signal.addEventListener('abort', end, { once: true });
  });
}

/** Told to end by a person or the system: everything is taken down in order, and the exit code says so. */
class Interrupted extends Error {
  override readonly name = 'Interrupted';
}

async function main(): Promise<number> {
  const ending = new AbortController();
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    process.on(signal, () => {
      ending.abort(new Interrupted(signal));
    });
  }
  try {
    const options = readDemoOptions(process.argv.slice(2));
    if (options === null) {
      console.log(USAGE);
      return 0;
    }
    const maxTokens = tokenQuota(await checkDemoOptions(options));
    const code = await runDemo({ ...options, maxTokens }, ending);
    console.log('Everything that the demo started has ended.');
    return code;
  } catch (error) {
    if (error instanceof Interrupted) {
      console.error(`\nEnded by ${error.message}.`);
      return 130;
    }
    console.error(error instanceof Error ? error.message : String(error));
    return error instanceof DemoUsageError ? 2 : 1;
  }
}

process.exitCode = await main();
