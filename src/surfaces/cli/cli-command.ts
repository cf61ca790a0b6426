import type { Command } from 'commander';
import type { WorkflowEngine } from '../../client/workflow-engine.js';
import type { ChatFlowConfig } from '../../platform/config.js';
import type { Logger } from '../../platform/logging.js';
import type { CliIo } from './cli-io.js';
import type { Output } from './output.js';

/** A worker that runs until it is stopped. */
export interface RunningWorker {
  readonly address: string;
  readonly namespace: string;
  stop(): Promise<void>;
  /** Settles when the worker has ended, by itself or by `stop`; rejects with what ended it. */
  readonly done: Promise<void>;
}

export interface StartWorkerOptions {
  readonly config: ChatFlowConfig;
  readonly log: Logger;
  /** In place of the environment's. */
  readonly temporal?: { readonly address?: string; readonly namespace?: string };
}

/** What main.ts wires in: what a surface may not import itself. */
export interface CliDependencies {
  startWorker(options: StartWorkerOptions): Promise<RunningWorker>;
  /** The version of the package. */
  readonly version: string;
}

/** What a command runs with. `engine` is opened by the first command that asks for it, and closed for it. */
export interface CommandContext {
  readonly io: CliIo;
  readonly out: Output;
  readonly dependencies: CliDependencies;
  engine(): Promise<WorkflowEngine>;
  /** Runs something; on a terminal it shows after a second that it goes on. */
  wait<T>(label: string, work: () => Promise<T>): Promise<T>;
}

export type Options = Readonly<Record<string, unknown>>;

/** One command: how it is called, and what it does. */
export interface CliCommand {
  readonly name: string;
  readonly summary: string;
  /** The heading of the overview under which it stands. */
  readonly group: 'Server' | 'Definitions' | 'Instances' | 'Tasks' | 'Steering';
  /** Complete command lines. */
  readonly examples: readonly string[];
  /** Adds arguments and options; `--json` is there already. */
  define?(command: Command): void;
  /** @returns an exit code other than 0 where it has answered and the answer is bad */
  run(context: CommandContext, args: readonly string[], options: Options): Promise<number | void>;
}
