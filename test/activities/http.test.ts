import { gzipSync, brotliCompressSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { createHttpActivity } from '../../src/activities/http.js';
import type { HttpActivityInput, HttpActivityResult } from '../../src/activities/activity-types.js';
import { json, makeDependencies, makeEnvironment, runActivity, startServer } from './support.js';

const call = (input: HttpActivityInput): Promise<HttpActivityResult> =>
  runActivity(createHttpActivity(makeDependencies()), input);

describe('an http executor', () => {
  it('sends method, headers and JSON, and returns status, headers and JSON', async () => {
    const server = await startServer((_, response) => {
      response.setHeader('x-request-id', 'r-1');
      response.setHeader('set-cookie', 'session=1');
      json(response, { ok: true, list: [1, 2.5, null] }, 201);
    });
    const result = await call({
      url: `${server.origin}/things?q=a%20b`,
      method: 'POST',
      headers: { 'X-Own': 'yes', 'x-number': 7, 'x-none': null },
      body: { a: [1], text: 'ü' },
    });
    expect(result).toMatchObject({ status: 201, body: { ok: true, list: [1, 2.5, null] } });
    expect(result.headers).toMatchObject({ 'content-type': 'application/json', 'x-request-id': 'r-1' });
    expect(result.headers).not.toHaveProperty('set-cookie');
    const [request] = server.arrived;
    expect(request).toMatchObject({ method: 'POST', url: '/things?q=a%20b', body: '{"a":[1],"text":"ü"}' });
    expect(request?.headers).toMatchObject({
      'x-own': 'yes',
      'x-number': '7',
      'content-type': 'application/json',
      'content-length': '21',
    });
    expect(request?.headers).not.toHaveProperty('x-none');
  });

  it('sends a text as it is under a content type of its own, and as JSON without one', async () => {
    const server = await startServer((_, response) => json(response, null));
    await call({
      url: server.origin,
      method: 'PUT',
      headers: { 'Content-Type': 'text/plain' },
      body: 'a "b"',
    });
    await call({ url: server.origin, method: 'PUT', body: 'a "b"' });
    await call({ url: server.origin });
    expect(server.arrived.map(({ method, body }) => [method, body])).toEqual([
      ['PUT', 'a "b"'],
      ['PUT', '"a \\"b\\""'],
      ['GET', ''],
    ]);
  });

  it('carries an idempotency key that is the same when the attempt runs twice', async () => {
    const server = await startServer((_, response) => json(response, null));
    const activity = createHttpActivity(makeDependencies());
    const info = { workflowExecution: { workflowId: 'wfi_1', runId: 'r' }, activityId: 'review#1/call/2' };
    await runActivity(activity, { url: server.origin }, info);
    await runActivity(activity, { url: server.origin }, { ...info, attempt: 2 });
    await runActivity(activity, { url: server.origin, task_id: 'a#1/b', attempt: 3 }, info);
    await runActivity(activity, { url: server.origin, headers: { 'Idempotency-Key': 'mine' } }, info);
    expect(server.arrived.map(({ headers }) => headers['idempotency-key'])).toEqual([
      'wfi_1/review#1/call/2',
      'wfi_1/review#1/call/2',
      'wfi_1/a#1/b/3',
      'mine',
    ]);
  });

  it.each([
    ['text', 'text/plain; charset=utf-8', Buffer.from('häll, {"a":1}'), { body: 'häll, {"a":1}' }],
    ['a JSON dialect', 'application/problem+json', Buffer.from('{"a":1}'), { body: { a: 1 } }],
    ['JSON that does not parse', 'application/json', Buffer.from('{"a":'), { body: '{"a":' }],
    ['nothing', 'application/json', Buffer.alloc(0), { body: null }],
    ['bytes', 'image/png', Buffer.from([0xff, 0xd8, 0]), { body: '/9gA', body_encoding: 'base64' }],
  ])('takes %s for what it is', async (_, type, content, expected) => {
    const server = await startServer((_request, response) => {
      response.writeHead(200, { 'content-type': type });
      response.end(content);
    });
    expect(await call({ url: server.origin })).toMatchObject(expected);
  });

  it.each([
    ['gzip', gzipSync],
    ['br', brotliCompressSync],
  ])('unpacks a body that the server packed with %s against its request', async (coding, pack) => {
    const server = await startServer((_, response) => {
      response.writeHead(200, { 'content-type': 'application/json', 'content-encoding': coding });
      response.end(pack('{"packed":true}'));
    });
    expect((await call({ url: server.origin })).body).toEqual({ packed: true });
    expect(server.arrived[0]?.headers['accept-encoding']).toBe('identity');
  });

  it('refuses a body above 256 kB, sent, endless or packed', async () => {
    const big = Buffer.alloc(256 * 1024 + 1, 'x');
    const server = await startServer(({ url }, response) => {
      if (url === '/packed') {
        response.writeHead(200, { 'content-encoding': 'gzip' });
        return void response.end(gzipSync(Buffer.alloc(50 * 1024 * 1024)));
      }
      if (url !== '/endless') return void response.end(big);
      const send = (): unknown => response.write(big, () => !response.destroyed && setImmediate(send));
      send();
    });
    for (const path of ['/big', '/packed', '/endless']) {
      await expect(call({ url: `${server.origin}${path}` })).rejects.toMatchObject({
        type: 'PayloadTooLargeError',
        details: { limit_bytes: 256 * 1024 },
      });
    }
  });

  it.each([
    ['a key that reaches prototypes', '{"a":{"__proto__":{"polluted":1}}}'],
    ['a number that would lose digits', '{"id":9007199254740993}'],
    ['a depth that nobody reads', `${'['.repeat(100)}${']'.repeat(100)}`],
    ['a depth that would end the process', `${'['.repeat(100_000)}${']'.repeat(100_000)}`],
  ])('refuses JSON with %s', async (_, body) => {
    const server = await startServer((_request, response) => {
      response.writeHead(200, { 'content-type': 'application/json' });
      response.end(body);
    });
    await expect(call({ url: server.origin })).rejects.toMatchObject({ type: 'InvalidInputError' });
    expect(({} as { polluted?: number }).polluted).toBeUndefined();
  });

  it.each([
    [404, false],
    [401, false],
    [408, true],
    [429, true],
    [500, true],
    [503, true],
  ])(
    'fails with HttpError on status %i, saying whether another try may help: %s',
    async (status, retryable) => {
      const server = await startServer((_, response) => {
        response.setHeader('retry-after', '7');
        json(response, { error: 'x'.repeat(5000) }, status);
      });
      const failure = call({ url: `${server.origin}/path?key=value` });
      await expect(failure).rejects.toMatchObject({
        type: 'HttpError',
        message: `GET ${server.origin}/path answered with status ${status}`,
        details: { status, retryable, headers: { 'retry-after': '7' } },
      });
      const { details } = (await failure.catch((error: unknown) => error)) as {
        details: { body_excerpt: string };
      };
      expect(details.body_excerpt).toHaveLength(512);
    },
  );

  it('takes for success what the definition expects, and nothing else', async () => {
    const server = await startServer(({ url }, response) => json(response, null, Number(url.slice(1))));
    const expecting = (status: number): Promise<HttpActivityResult> =>
      call({ url: `${server.origin}/${status}`, expect_status: [404, 302] });
    expect((await expecting(404)).status).toBe(404);
    expect((await expecting(302)).status).toBe(302);
    await expect(expecting(200)).rejects.toMatchObject({ type: 'HttpError', details: { status: 200 } });
  });

  it('fails with HttpError where nobody answers or the answer breaks off', async () => {
    const server = await startServer(({ url }, response) => {
      if (url === '/none') return void response.destroy();
      response.writeHead(200, { 'content-length': '100' });
      response.write('half', () => response.destroy());
    });
    for (const [url, code] of [
      [`${server.origin}/none`, 'ECONNRESET'],
      [`${server.origin}/half`, 'ECONNRESET'],
      ['http://127.0.0.1:1/', 'ECONNREFUSED'],
      ['http://no-such-host.invalid/', /ENOTFOUND|EAI_AGAIN/],
    ] as const) {
      await expect(call({ url })).rejects.toMatchObject({
        type: 'HttpError',
        details: { status: null, retryable: true, code: expect.stringMatching(code) as string },
      });
    }
  });

  it.each<[string, Partial<Record<keyof HttpActivityInput, unknown>>]>([
    ['no URL', { url: undefined }],
    ['a relative URL', { url: '/path' }],
    ['an unknown method', { method: 'TRACE' }],
    ['headers that are no map', { headers: [] }],
    ['a header that is a list', { headers: { a: ['b'] } }],
    ['a header with a line break', { headers: { a: 'b\r\nc: d' } }],
    ['a header name with a blank', { headers: { 'a b': 'c' } }],
    ['a host header', { headers: { Host: 'internal' } }],
    ['a content length', { headers: { 'Content-Length': '3' } }],
    ['statuses that are no list', { expect_status: 200 }],
  ])('refuses %s before anything is sent', async (_, part) => {
    const server = await startServer((_request, response) => json(response, null));
    const input = { url: server.origin, ...part } as HttpActivityInput;
    await expect(call(input)).rejects.toMatchObject({ type: 'InvalidInputError' });
    expect(server.connections()).toBe(0);
  });

  it('is refused where the configuration has switched it off', async () => {
    const deps = makeDependencies({
      config: { features: { subworkflows: true, http: false, commands: true, llm: true } },
    });
    await expect(runActivity(createHttpActivity(deps), { url: 'http://127.0.0.1/' })).rejects.toMatchObject({
      type: 'FeatureDisabledError',
      message: expect.stringContaining('features.http') as string,
    });
  });
});

describe('the lifetime of a request', () => {
  it('ends with TimeoutError when its time is over, before the headers or within the body', async () => {
    const server = await startServer(({ url }, response) => {
      if (url === '/body') response.write('half');
    });
    for (const path of ['/', '/body']) {
      await expect(
        runActivity(
          createHttpActivity(makeDependencies()),
          { url: `${server.origin}${path}` },
          { startToCloseTimeoutMs: 200 },
        ),
      ).rejects.toMatchObject({ type: 'TimeoutError', details: { timeout_sec: 0.2 } });
    }
  });

  it('ends with the cancellation, and the connection with it', async () => {
    const environment = makeEnvironment();
    let closed: () => void;
    const isClosed = new Promise<void>((resolve) => (closed = resolve));
    const server = await startServer((_, response) => {
      response.on('close', () => closed());
      environment.cancel();
    });
    const run = environment.run(createHttpActivity(makeDependencies()), { url: server.origin });
    await expect(run).rejects.toMatchObject({ name: 'CancelledFailure' });
    await isClosed;
  });

  it('sends heartbeats while it waits, and none afterwards', async () => {
    const environment = makeEnvironment({ heartbeatTimeoutMs: 150 });
    let beats = 0;
    let answer: () => void = () => undefined;
    environment.on('heartbeat', () => (beats += 1) === 3 && answer());
    const server = await startServer((_, response) => (answer = () => json(response, 'done')));
    const result = await environment.run(createHttpActivity(makeDependencies()), { url: server.origin });
    expect(result).toMatchObject({ body: 'done' });
    expect(beats).toBeGreaterThanOrEqual(3);
  });
});
