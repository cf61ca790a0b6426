import { fork, type ChildProcess } from 'node:child_process';
import { mkdirSync, openSync } from 'node:fs';
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { EngineProcess } from './engine-process.js';

/** Who works on the audit: one process each; two share the folders. */
export const AGENTS: readonly { readonly id: string; readonly role: string }[] = [
  { id: 'surveyor-1', role: 'surveyor' },
  { id: 'sizes-1', role: 'sizes' },
  { id: 'functions-1', role: 'functions' },
  { id: 'functions-2', role: 'functions' },
  { id: 'duplicates-1', role: 'duplicates' },
  { id: 'coverage-1', role: 'coverage' },
  { id: 'todos-1', role: 'todos' },
  { id: 'reviewer-1', role: 'reviewer' },
  { id: 'writer-1', role: 'writer' },
];

/** An agent that dies is started again, so often. */
const MAX_RESTARTS = 3;
const AGENT = fileURLToPath(
  new URL(import.meta.url.endsWith('.ts') ? '../agent/agent.ts' : '../agent/agent.js', import.meta.url),
);

export interface AgentProcessesOptions {
  readonly engine: EngineProcess;
  readonly instanceId: string;
  /** Where the agents' own words go. */
  readonly logFile: string;
  readonly say: (line: string) => void;
  /** An agent has died too often: without it the audit would wait for ever. */
  readonly giveUp: (reason: Error) => void;
}

/** The agents of one audit. They know the engine by Temporal's address alone. */
export interface AgentProcesses {
  /** Ends those that still run and waits for them. */
  stop(): Promise<void>;
}

/** Forks one process an agent. Each ends by itself when the instance has closed. */
export function startAgentProcesses(options: AgentProcessesOptions): AgentProcesses {
  mkdirSync(dirname(options.logFile), { recursive: true });
  const log = openSync(options.logFile, 'a');
  const running = new Map<string, ChildProcess>();
  let stopping = false;
  const start = (id: string, role: string, restarts: number): void => {
    const { address, namespace } = options.engine;
    const args = [
      '--role',
      role,
      '--id',
      id,
      '--instance',
      options.instanceId,
      '--address',
      address,
      '--namespace',
      namespace,
    ];
    const child = fork(AGENT, args, { stdio: ['ignore', log, log, 'ipc'], detached: true });
    running.set(id, child);
    child.once('exit', (code, signal) => {
      running.delete(id);
      if (stopping || code === 0) return;
      const words = `Agent ${id} ended (${signal ?? `exit code ${String(code)}`}); its words are in ${options.logFile}.`;
      if (restarts === MAX_RESTARTS) {
        options.giveUp(new Error(`${words} It was started ${String(MAX_RESTARTS + 1)} times.`));
        return;
      }
      options.say(words);
      start(id, role, restarts + 1);
    });
  };
  for (const { id, role } of AGENTS) start(id, role, 0);
  return {
    stop: async () => {
      stopping = true;
      const ended = [...running.values()].map(
        (child) => new Promise((resolve) => child.once('exit', resolve)),
      );
      for (const child of running.values()) child.kill('SIGTERM');
      await Promise.all(ended);
    },
  };
}
