import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createHttpActivity } from '../../src/activities/http.js';
import { createRedactor } from '../../src/activities/secrets.js';
import type { HttpActivityInput } from '../../src/activities/activity-types.js';
import { json, makeDependencies, runActivity, startServer, type Answer } from './support.js';

const TOKEN = 'to/ken+=&"ü 12345';
const secrets = (name: string): string | undefined =>
  ({ TOKEN, EMPTY: '', NUMBER: '8877665544332211' })[name];

/** Everything of an outcome that could leave the worker. */
function visible(outcome: unknown): string {
  if (!(outcome instanceof Error)) return JSON.stringify(outcome);
  const { message, stack, cause } = outcome;
  return JSON.stringify([message, stack, visible(cause ?? null), { ...outcome }]);
}

async function outcomeOf(input: HttpActivityInput, known = secrets): Promise<unknown> {
  const activity = createHttpActivity(makeDependencies({ secrets: known }));
  return runActivity(activity, input).catch((error: unknown) => error);
}

/** None of the secret's bytes may stand in a text, however they are written. */
function expectHidden(text: string, secret = TOKEN): void {
  const forms = [
    secret,
    JSON.stringify(secret).slice(1, -1),
    encodeURIComponent(secret),
    Buffer.from(secret).toString('base64'),
    Buffer.from(secret).toString('base64url'),
    Buffer.from(secret).toString('hex'),
  ];
  for (const form of forms) {
    expect(text).not.toContain(form);
    expect(text).not.toContain(JSON.stringify(form).slice(1, -1));
  }
}

const echo: Answer = (request, response) =>
  json(response, {
    ...request,
    base64: Buffer.from(request.headers['authorization'] ?? '').toString('base64'),
    raw: TOKEN,
    [TOKEN]: 'as a key',
  });

describe('secrets', () => {
  it('reach the server in url, headers and body, and come back from nowhere', async () => {
    const server = await startServer(echo);
    const result = await outcomeOf({
      url: `${server.origin}/p/\${secret:NUMBER}?t=\${secret:TOKEN}`,
      method: 'POST',
      headers: { 'x-number': 'N ${secret:NUMBER}' },
      body: { deep: [{ token: 'a ${secret:TOKEN} b' }] },
    });
    const [request] = server.arrived;
    expect(request?.url).toBe(`/p/8877665544332211?t=${encodeURIComponent(TOKEN)}`);
    expect(request?.headers['x-number']).toBe('N 8877665544332211');
    expect(JSON.parse(request?.body ?? '')).toEqual({ deep: [{ token: `a ${TOKEN} b` }] });
    expect(result).toMatchObject({ status: 200, body: { raw: '[secret:TOKEN]' } });
    expectHidden(visible(result));
    expectHidden(visible(result), '8877665544332211');
  });

  it('stay hidden in every way an answer can hold them', async () => {
    const answers: readonly Answer[] = [
      (_, response) => response.writeHead(500).end(`${'.'.repeat(500)}${TOKEN}${TOKEN}`),
      (_, response) => response.writeHead(200, { 'content-type': 'text/plain' }).end(`x${TOKEN}y`),
      (_, response) => response.writeHead(200, { 'content-type': 'application/json' }).end(`{"a": "${TOKEN}`),
      (_, response) =>
        response
          .writeHead(200, { 'content-type': 'application/json' })
          .end(JSON.stringify({ a: TOKEN }).replace('t', '\\u0074')),
      (_, response) => response.writeHead(200).end(Buffer.concat([Buffer.from([0xff]), Buffer.from(TOKEN)])),
      (_, response) => response.writeHead(200, { etag: encodeURIComponent(TOKEN) }).end(),
      (_, response) => response.writeHead(302, { location: `ftp://x/${encodeURIComponent(TOKEN)}` }).end(),
      (_, response) => response.writeHead(302, { location: `http://${encodeURIComponent(TOKEN)}.x/` }).end(),
      (_, response) => void response.destroy(),
    ];
    for (const answer of answers) {
      const server = await startServer(answer);
      const outcome = await outcomeOf({ url: `${server.origin}/?t=\${secret:TOKEN}` });
      const text = visible(outcome);
      expectHidden(text);
      const bytes = /"body":"([A-Za-z0-9+/=]+)","body_encoding"/.exec(text)?.[1];
      if (bytes !== undefined) expectHidden(Buffer.from(bytes, 'base64').toString('latin1'), 'ken+=&"');
    }
  });

  it('that an answer holds as a number are blotted out, too', async () => {
    const server = await startServer((_, response) => json(response, { n: 8877665544332211 }));
    const result = await outcomeOf({ url: `${server.origin}/\${secret:NUMBER}` });
    expectHidden(visible(result), '8877665544332211');
  });

  it('may be a whole URL, of which nothing is shown either', async () => {
    const server = await startServer(({ url }, response) => json(response, `no route ${url}`, 404));
    const hook = `${server.origin}/services/T000000/B111111/abcdefghijkl?sig=0123456789`;
    const known = (name: string): string | undefined => (name === 'HOOK' ? hook : undefined);
    const outcome = await outcomeOf({ url: '${secret:HOOK}', method: 'POST', body: { text: 'hi' } }, known);
    expect(server.arrived[0]?.url).toBe('/services/T000000/B111111/abcdefghijkl?sig=0123456789');
    expect(outcome).toMatchObject({
      type: 'HttpError',
      message: 'POST ${secret:HOOK} answered with status 404',
    });
    for (const part of ['abcdefghijkl', 'T000000/B111111', '0123456789', String(server.port)]) {
      expect(visible(outcome)).not.toContain(part);
    }
  });

  it('in the user part of a URL become Basic authorization, hidden as well', async () => {
    const server = await startServer((request, response) => json(response, request.headers));
    const result = await outcomeOf({ url: `http://user:\${secret:TOKEN}@127.0.0.1:${server.port}/` });
    const sent = Buffer.from(`user:${TOKEN}`).toString('base64');
    expect(server.arrived[0]?.headers.authorization).toBe(`Basic ${sent}`);
    expect(visible(result)).not.toContain(sent);
    expectHidden(visible(result));
  });

  it.each(['MISSING', 'EMPTY'])('that the worker does not have stop the request: %s', async (name) => {
    const server = await startServer((_, response) => json(response, null));
    const outcome = await outcomeOf({ url: server.origin, headers: { a: `\${secret:${name}}` } });
    expect(outcome).toMatchObject({ type: 'SecretNotFoundError', details: { name } });
    expect(server.connections()).toBe(0);
  });

  it('with a line break are refused as a header without being shown', async () => {
    const server = await startServer((_, response) => json(response, null));
    const outcome = await outcomeOf(
      { url: server.origin, headers: { a: '${secret:BAD}' } },
      () => 'sec\r\nret',
    );
    expect(outcome).toMatchObject({ type: 'InvalidInputError' });
    expect(visible(outcome)).not.toContain('ret\\');
    expect(server.connections()).toBe(0);
  });

  it('are filled in only where the definition itself names them, when the engine says which', async () => {
    const server = await startServer((_, response) => json(response, null));
    const activity = createHttpActivity(makeDependencies({ secrets }));
    await runActivity(activity, {
      url: server.origin,
      method: 'POST',
      body: { own: '${secret:NUMBER}', smuggled: '${secret:TOKEN}' },
      secrets: ['NUMBER'],
    });
    expect(JSON.parse(server.arrived[0]?.body ?? '')).toEqual({
      own: '8877665544332211',
      smuggled: '${secret:TOKEN}',
    });
  });

  it('are not looked for in what was filled in', async () => {
    const server = await startServer((_, response) => json(response, null));
    const known = (name: string): string | undefined => (name === 'A' ? '${secret:TOKEN}' : secrets(name));
    await outcomeOf({ url: server.origin, method: 'POST', body: '${secret:A}' }, known);
    expect(server.arrived[0]?.body).toBe('"${secret:TOKEN}"');
  });
});

describe('the redactor', () => {
  it('leaves no secret in any text that was made from secrets', () => {
    const secret = fc.string({ minLength: 4, maxLength: 24, unit: 'grapheme' });
    fc.assert(
      fc.property(fc.array(secret, { minLength: 1, maxLength: 4 }), fc.array(fc.nat(20)), (values, order) => {
        // A mark that contains a secret ("[secr") is no leak of it.
        const strange = values.filter(
          (value) => !'[secret:S0123]'.includes(value) && !/[\][:]|secret|S\d/.test(value),
        );
        const redact = createRedactor(new Map(strange.map((value, index) => [`S${index}`, value])));
        const forms = strange.flatMap((value) => [
          value,
          encodeURIComponent(value),
          Buffer.from(value).toString('base64'),
          JSON.stringify(value),
        ]);
        const text = order.map((index) => forms[index % Math.max(1, forms.length)] ?? '').join(' | ');
        const shown = redact.text(text);
        for (const value of strange) expect(shown).not.toContain(value);
      }),
    );
  });

  it('changes nothing where there is no secret', () => {
    const redact = createRedactor(new Map());
    expect(redact.json({ a: ['${secret:X}'] })).toEqual({ a: ['${secret:X}'] });
  });
});
