import http, { type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Info } from '@temporalio/activity';
import { MockActivityEnvironment } from '@temporalio/testing';
import { DefaultLogger } from '@temporalio/worker';
import { onTestFinished } from 'vitest';
import type { ActivityConfig, ActivityDependencies } from '../../src/activities/activity-dependencies.js';
import { createMemoryArtifactStore } from '../../src/artifacts/index.js';

const config: ActivityConfig = {
  features: { subworkflows: true, http: true, commands: true, llm: true },
  http: { allow_private: ['127.0.0.0/8', '::1', 'localhost'] },
  commands: { allow: [], root: '/' },
  max_recursion_depth: 5,
  default_automation_level: 60,
  default_resource_quota: {},
};

/** Dependencies for one activity under test: everything on, loopback allowed, no secret, no definition. */
export function makeDependencies(
  own: Omit<Partial<ActivityDependencies>, 'config'> & { readonly config?: Partial<ActivityConfig> } = {},
): ActivityDependencies {
  return {
    store: createMemoryArtifactStore(),
    secrets: () => undefined,
    definitions: {
      find: () => Promise.reject(new Error('this test has no definitions')),
      names: async () => [],
    },
    ...own,
    config: { ...config, ...own.config },
  };
}

/** Runs an activity as the worker would, with a context. */
export function runActivity<Input, Output>(
  activity: (input: Input) => Promise<Output>,
  input: Input,
  info: Partial<Info> = {},
): Promise<Output> {
  return makeEnvironment(info).run(activity, input);
}

/** An environment whose context can be cancelled and whose heartbeats can be heard. */
export function makeEnvironment(info: Partial<Info> = {}): MockActivityEnvironment {
  return new MockActivityEnvironment(
    { startToCloseTimeoutMs: 30_000, ...info },
    { logger: new DefaultLogger('ERROR') },
  );
}

/** What a request looked like when it arrived. */
export interface Arrived {
  readonly method: string;
  readonly url: string;
  readonly headers: IncomingMessage['headers'];
  readonly body: string;
}

export interface TestServer {
  readonly port: number;
  /** `http://<address>:<port>` */
  readonly origin: string;
  readonly arrived: readonly Arrived[];
  /** TCP connections, with or without a request. */
  readonly connections: () => number;
}

export type Answer = (request: Arrived, response: ServerResponse) => void;

async function readText(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of request as AsyncIterable<Buffer>) chunks.push(chunk);
  return Buffer.concat(chunks).toString('utf8');
}

/** A real HTTP server on a loopback address, for the running test. */
export async function startServer(answer: Answer, address = '127.0.0.1'): Promise<TestServer> {
  const arrived: Arrived[] = [];
  let connections = 0;
  const server: Server = http.createServer((request, response) => {
    const { method = '', url = '', headers } = request;
    void readText(request).then((body) => {
      const seen = { method, url, headers, body };
      arrived.push(seen);
      answer(seen, response);
    });
  });
  server.on('connection', () => (connections += 1));
  await new Promise<void>((resolve) => server.listen(0, address, resolve));
  onTestFinished(async () => {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  });
  const { port } = server.address() as AddressInfo;
  const host = address.includes(':') ? `[${address}]` : address;
  return { port, origin: `http://${host}:${port}`, arrived, connections: () => connections };
}

/** Answers with JSON. */
export function json(response: ServerResponse, value: unknown, status = 200): void {
  response.writeHead(status, { 'content-type': 'application/json' });
  response.end(JSON.stringify(value));
}
