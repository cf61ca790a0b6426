import type { LookupAddress } from 'node:dns';
import { describe, expect, it } from 'vitest';
import { createHttpActivity } from '../../src/activities/http.js';
import { createAddressPolicy, isPublicAddress } from '../../src/activities/address-policy.js';
import { redirectRequest } from '../../src/activities/http-exchange.js';
import type { HttpRequest } from '../../src/activities/http-request.js';
import type { HttpActivityInput, HttpActivityResult } from '../../src/activities/activity-types.js';
import { json, makeDependencies, runActivity, startServer, type Answer, type TestServer } from './support.js';

const BLOCKED = { type: 'HttpBlockedError' };
const ok: Answer = (_, response) => json(response, 'reached');

interface Setting {
  readonly allow?: boolean | readonly string[];
  readonly answers?: Readonly<Record<string, readonly (readonly string[])[]>>;
}

/** An activity with a resolver that gives a host's answers one after the other, and a count of its questions. */
function makeCaller({ allow = false, answers = {} }: Setting): {
  readonly call: (input: HttpActivityInput) => Promise<HttpActivityResult>;
  readonly asked: string[];
} {
  const asked: string[] = [];
  const resolveHost = async (host: string): Promise<readonly LookupAddress[]> => {
    const before = asked.filter((name) => name === host).length;
    asked.push(host);
    const given = answers[host] ?? [];
    const addresses = given[Math.min(before, given.length - 1)] ?? [];
    return addresses.map((address) => ({ address, family: address.includes(':') ? 6 : 4 }));
  };
  const config = { http: { allow_private: allow } };
  const system = Object.keys(answers).length === 0;
  const activity = createHttpActivity(makeDependencies({ config, ...(system ? {} : { resolveHost }) }));
  return { call: (input) => runActivity(activity, input), asked };
}

describe('a private address', () => {
  it.each([
    'http://127.0.0.1:PORT/',
    'http://127.1:PORT/',
    'http://127.0.0.2:PORT/',
    'http://2130706433:PORT/',
    'http://017700000001:PORT/',
    'http://0177.0.0.1:PORT/',
    'http://0x7f000001:PORT/',
    'http://0x7f.1:PORT/',
    'http://0:PORT/',
    'http://0.0.0.0:PORT/',
    'http://１２７.０.０.１:PORT/',
    'http://127。0。0。1:PORT/',
    'http://%31%32%37.0.0.1:PORT/',
    'http://[::1]:PORT/',
    'http://[::]:PORT/',
    'http://[::ffff:127.0.0.1]:PORT/',
    'http://[::ffff:7f00:1]:PORT/',
    'http://[::127.0.0.1]:PORT/',
    'http://[64:ff9b::7f00:1]:PORT/',
    'http://[2002:7f00:1::]:PORT/',
    'http://[fe80::1]:PORT/',
    'http://[fd00::1]:PORT/',
    'http://localhost:PORT/',
    'http://LOCALHOST:PORT/',
    'http://localhost.:PORT/',
    'http://user:pass@127.0.0.1:PORT/',
    'http://169.254.169.254/latest/meta-data/',
    'http://[::ffff:169.254.169.254]/',
    'http://10.0.0.1/',
    'http://172.16.0.1/',
    'http://192.168.0.1/',
    'http://100.64.0.1/',
    'http://224.0.0.1/',
    'http://255.255.255.255/',
    'https://127.0.0.1:PORT/',
  ])('is refused as %s, and nothing connects', async (template) => {
    const server = await startServer(ok);
    const url = template.replace('PORT', String(server.port));
    await expect(makeCaller({}).call({ url })).rejects.toMatchObject(BLOCKED);
    expect(server.connections()).toBe(0);
  });

  it.each([
    'file:///etc/passwd',
    'ftp://example.com/',
    'gopher://127.0.0.1/',
    'data:text/plain,x',
    'ws://example.com/',
  ])('cannot be reached by another scheme: %s', async (url) => {
    await expect(makeCaller({ allow: true }).call({ url })).rejects.toMatchObject({
      ...BLOCKED,
      details: { reason: 'scheme' },
    });
  });

  it.each([
    ['one answer', ['127.0.0.1']],
    ['one of several answers', ['93.184.216.34', '127.0.0.1']],
    ['an IPv4 address mapped into IPv6', ['::ffff:127.0.0.1']],
    ['an address of the cloud', ['169.254.169.254']],
    ['a link-local address with a zone', ['fe80::1%lo']],
    ['what is no address', ['127.0.0.1.example']],
  ])('is refused behind a name: %s', async (_, addresses) => {
    const server = await startServer(ok);
    const { call } = makeCaller({ answers: { 'evil.test': [addresses] } });
    await expect(call({ url: `http://evil.test:${server.port}/` })).rejects.toMatchObject(BLOCKED);
    expect(server.connections()).toBe(0);
  });

  it('says in its refusal which line of the configuration would allow it', async () => {
    await expect(makeCaller({}).call({ url: 'http://127.0.0.1:9/' })).rejects.toMatchObject({
      message: expect.stringContaining('http.allow_private') as string,
      details: { reason: 'private_address', request: 'GET http://127.0.0.1:9/' },
    });
  });
});

describe('rebinding', () => {
  it('gains nothing: a name is asked for once a connection, and the answer that was checked is the one used', async () => {
    const good = await startServer(ok, '127.0.0.2');
    const { call, asked } = makeCaller({
      allow: ['127.0.0.2'],
      answers: { 'rebind.test': [['127.0.0.2'], ['127.0.0.1']] },
    });
    const url = `http://rebind.test:${good.port}/`;
    expect((await call({ url })).body).toBe('reached');
    expect(asked).toEqual(['rebind.test']);
    expect(good.arrived[0]?.headers.host).toBe(`rebind.test:${good.port}`);
    await expect(call({ url })).rejects.toMatchObject(BLOCKED);
  });

  it('is caught on the way back to the same name', async () => {
    const server = await startServer(
      (_, response) => response.writeHead(302, { location: '/again' }).end(),
      '127.0.0.2',
    );
    const { call, asked } = makeCaller({
      allow: ['127.0.0.2'],
      answers: { 'rebind.test': [['127.0.0.2'], ['127.0.0.1']] },
    });
    await expect(call({ url: `http://rebind.test:${server.port}/` })).rejects.toMatchObject(BLOCKED);
    expect(asked).toEqual(['rebind.test', 'rebind.test']);
    expect(server.arrived).toHaveLength(1);
  });
});

describe('what the configuration allows', () => {
  it.each([
    ['everything', true, 'http://127.0.0.1:PORT/'],
    ['an address', ['127.0.0.1'], 'http://127.0.0.1:PORT/'],
    ['an address in another notation', ['127.0.0.1'], 'http://0x7f.1:PORT/'],
    ['a block', ['127.0.0.0/8'], 'http://127.0.0.1:PORT/'],
    ['a mapped address by its block', ['127.0.0.0/8'], 'http://[::ffff:127.0.0.1]:PORT/'],
    ['a name', ['LocalHost.'], 'http://localhost:PORT/'],
  ] as const)('is reached: %s', async (_, allow, template) => {
    const server = await startServer(ok);
    const url = template.replace('PORT', String(server.port));
    expect((await makeCaller({ allow }).call({ url })).body).toBe('reached');
  });

  it.each([
    ['the address behind an allowed name', ['localhost'], 'http://127.0.0.1:PORT/'],
    ['a neighbour of an allowed address', ['127.0.0.2'], 'http://127.0.0.1:PORT/'],
    ['an allowed IPv6 address by IPv4', ['::1'], 'http://127.0.0.1:PORT/'],
  ] as const)('is no more than it says: %s', async (_, allow, template) => {
    const server = await startServer(ok);
    const url = template.replace('PORT', String(server.port));
    await expect(makeCaller({ allow }).call({ url })).rejects.toMatchObject(BLOCKED);
    expect(server.connections()).toBe(0);
  });

  it.each(['10.0.0.0/33', '10.0.0.0/', '10.0.0.0/8/8', '::1/129', 'http://x', 'a b', '', '*'])(
    'is refused when the worker starts where it cannot be read: %j',
    (entry) => {
      expect(() => createAddressPolicy([entry])).toThrow(/http\.allow_private/);
    },
  );

  it('takes public addresses for what they are', () => {
    for (const address of [
      '93.184.216.34',
      '8.8.8.8',
      '172.15.0.1',
      '172.32.0.1',
      '2606:4700::1111',
      '::ffff:8.8.8.8',
    ]) {
      expect([address, isPublicAddress(address)]).toEqual([address, true]);
    }
    for (const address of [
      '',
      'localhost',
      '2001:db8::1',
      '2001::1',
      '2002::1',
      'fec0::1',
      'ff02::1',
      '::ffff:0:8.8.8.8',
    ]) {
      expect([address, isPublicAddress(address)]).toEqual([address, false]);
    }
  });
});

describe('a redirect', () => {
  const to =
    (location: string, status = 302): Answer =>
    (_, response) =>
      void response.writeHead(status, { location }).end();

  async function startPair(
    locate: (target: TestServer) => string,
    status = 302,
  ): Promise<readonly [TestServer, TestServer]> {
    const target = await startServer(ok, '127.0.0.1');
    const front = await startServer(to(locate(target), status), '127.0.0.2');
    return [front, target];
  }

  it.each([
    (port: number) => `http://127.0.0.1:${port}/`,
    (port: number) => `http://localhost:${port}/`,
    (port: number) => `http://[::ffff:127.0.0.1]:${port}/`,
    (port: number) => `http://2130706433:${port}/`,
    (port: number) => `//0x7f.1:${port}/`,
    () => 'http://169.254.169.254/',
    () => 'file:///etc/passwd',
    () => 'javascript:alert(1)',
    () => 'http://[not-an-address/',
  ])('to a private address, a scheme or nonsense is refused: %o', async (locate) => {
    const [front, target] = await startPair(({ port }) => locate(port));
    await expect(makeCaller({ allow: ['127.0.0.2'] }).call({ url: front.origin })).rejects.toMatchObject(
      BLOCKED,
    );
    expect(front.arrived).toHaveLength(1);
    expect(target.connections()).toBe(0);
  });

  it('within what is allowed is followed', async () => {
    const [front, target] = await startPair(({ origin }) => `${origin}/there?x=1`);
    expect((await makeCaller({ allow: true }).call({ url: front.origin })).body).toBe('reached');
    expect(target.arrived[0]?.url).toBe('/there?x=1');
  });

  it('without an end stops after five', async () => {
    const server = await startServer(({ url }, response) =>
      to(`/${Number(url.slice(1)) + 1}`)({} as never, response),
    );
    await expect(makeCaller({ allow: true }).call({ url: `${server.origin}/0` })).rejects.toMatchObject({
      ...BLOCKED,
      details: { reason: 'redirects' },
    });
    expect(server.arrived).toHaveLength(6);
  });

  it.each([
    [301, 'POST', 'GET', ''],
    [302, 'POST', 'GET', ''],
    [303, 'PUT', 'GET', ''],
    [303, 'HEAD', 'HEAD', ''],
    [302, 'PUT', 'PUT', '{"a":1}'],
    [307, 'POST', 'POST', '{"a":1}'],
    [308, 'POST', 'POST', '{"a":1}'],
  ] as const)('of status %i turns %s into %s', async (status, method, expected, body) => {
    const [front, target] = await startPair(({ origin }) => origin, status);
    const input = { url: front.origin, method, ...(method === 'HEAD' ? {} : { body: { a: 1 } }) };
    await makeCaller({ allow: true }).call(input);
    expect(target.arrived[0]).toMatchObject({ method: expected, body });
  });

  it('to another origin leaves every credential behind, to the same one none', async () => {
    const secrets = (): string => 'hidden-value';
    const activity = createHttpActivity(
      makeDependencies({ secrets, config: { http: { allow_private: true } } }),
    );
    const headers = {
      authorization: 'Bearer x',
      cookie: 'a=b',
      'x-api-key': '${secret:KEY}',
      'x-plain': 'stays',
    };
    const [front, target] = await startPair(({ origin }) => origin);
    await runActivity(activity, { url: `http://u:p@127.0.0.2:${front.port}/`, headers });
    expect(front.arrived[0]?.headers).toMatchObject({ ...headers, 'x-api-key': 'hidden-value' });
    const passed = target.arrived[0]?.headers;
    expect(passed).toMatchObject({ 'x-plain': 'stays' });
    for (const name of ['authorization', 'cookie', 'x-api-key', 'idempotency-key'])
      expect(passed).not.toHaveProperty(name);
    const same = await startServer(({ url }, response) =>
      url === '/' ? to('/next')({} as never, response) : ok({} as never, response),
    );
    await runActivity(activity, { url: same.origin, headers });
    expect(same.arrived[1]?.headers).toMatchObject({ ...headers, 'x-api-key': 'hidden-value' });
  });

  it('to another origin is refused where the body would carry a secret there', async () => {
    const activity = createHttpActivity(
      makeDependencies({ secrets: () => 'hidden-value', config: { http: { allow_private: true } } }),
    );
    const [front, target] = await startPair(({ origin }) => origin, 307);
    const input = { url: front.origin, method: 'POST', body: { key: '${secret:KEY}' } } as const;
    await expect(runActivity(activity, input)).rejects.toMatchObject(BLOCKED);
    expect(target.connections()).toBe(0);
  });

  it('never makes http of https', () => {
    const request: HttpRequest = {
      url: new URL('https://example.com/a'),
      method: 'GET',
      headers: {},
      body: null,
      secretHeaders: new Set(),
      bodyHasSecret: false,
    };
    expect(() => redirectRequest(request, 302, 'http://example.com/a')).toThrow(/https must not become http/);
    expect(redirectRequest(request, 302, '/b').url.href).toBe('https://example.com/b');
    expect(redirectRequest(request, 302, 'https://u:p@other.example/').url.href).toBe(
      'https://other.example/',
    );
  });
});
