/**
 * Sends a request and follows its redirects, each hop checked like the first:
 *
 * H1 http and https only. An address that stands in the URL itself is checked here (the WHATWG parser has made
 *    127.0.0.1 of 2130706433, 0x7f.1 and 017700000001), a name's by the connection's own lookup (guarded-lookup.ts).
 * H2 A redirect to another origin takes no credentials along: no authorization, no cookie, no header that holds a
 *    secret; a body that holds one is not sent there at all. https never becomes http.
 * H3 Every hop is a connection of its own: none that was checked under another name is used again.
 */
import http, { type IncomingMessage } from 'node:http';
import https from 'node:https';
import { isIP, type LookupFunction } from 'node:net';
import { ChatFlowError } from '../core/errors.js';
import { isLocalName, plainHost, type AddressPolicy } from './address-policy.js';
import type { HttpRequest } from './http-request.js';

export interface ExchangeOptions {
  readonly policy: AddressPolicy;
  readonly lookup: LookupFunction;
  readonly signal: AbortSignal;
  /** Statuses that are the answer, though they redirect. */
  readonly wanted: readonly number[];
}

const MAX_REDIRECTS = 5;
const REDIRECTS: readonly number[] = [301, 302, 303, 307, 308];
const CREDENTIALS: readonly string[] = ['authorization', 'cookie', 'proxy-authorization', 'idempotency-key'];

function block(message: string, reason: string): never {
  throw new ChatFlowError('HttpBlockedError', message, { reason });
}

function checkTarget(url: URL, policy: AddressPolicy): void {
  if (url.protocol !== 'http:' && url.protocol !== 'https:') {
    block(`Only http and https are allowed, not ${url.protocol}`, 'scheme');
  }
  const host = plainHost(url.hostname);
  if (isIP(host) !== 0) policy.check(host, host);
  if (isLocalName(host)) policy.check(host, '127.0.0.1');
}

function sendOnce(request: HttpRequest, options: ExchangeOptions): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    const { url, method, body } = request;
    const length = body === null ? {} : { 'content-length': String(body.byteLength) };
    const outgoing = (url.protocol === 'https:' ? https : http).request(url, {
      method,
      headers: { ...request.headers, ...length, 'accept-encoding': 'identity' },
      lookup: options.lookup,
      signal: options.signal,
      agent: false,
    });
    outgoing.once('response', resolve);
    outgoing.once('error', reject);
    outgoing.end(body ?? undefined);
  });
}

function targetOf(location: string, from: URL): URL {
  if (!URL.canParse(location, from.href)) block('The server redirects to what is no URL', 'redirect');
  const url = new URL(location, from);
  if (from.protocol === 'https:' && url.protocol === 'http:')
    block('https must not become http', 'downgrade');
  url.username = '';
  url.password = '';
  return url;
}

function without(headers: HttpRequest['headers'], names: ReadonlySet<string>): HttpRequest['headers'] {
  return Object.fromEntries(Object.entries(headers).filter(([name]) => !names.has(name)));
}

/** RFC 9110: 303 becomes GET, 301 and 302 do so for POST as everywhere; 307 and 308 change nothing. */
function asGet(request: HttpRequest): HttpRequest {
  const headers = without(request.headers, new Set(['content-type', 'content-encoding', 'content-language']));
  return { ...request, method: 'GET', headers, body: null, bodyHasSecret: false };
}

function becomesGet(request: HttpRequest, status: number): boolean {
  if (status === 303) return request.method !== 'HEAD' && request.method !== 'GET';
  return (status === 301 || status === 302) && request.method === 'POST';
}

/** The request of the next hop (H2). @throws ChatFlowError `HttpBlockedError` */
export function redirectRequest(request: HttpRequest, status: number, location: string): HttpRequest {
  const url = targetOf(location, request.url);
  const next = { ...(becomesGet(request, status) ? asGet(request) : request), url };
  if (url.origin === request.url.origin) return next;
  if (next.bodyHasSecret)
    block('A body with a secret is not sent on to another origin', 'cross_origin_secret');
  return {
    ...next,
    headers: without(next.headers, new Set([...CREDENTIALS, ...request.secretHeaders])),
    secretHeaders: new Set(),
  };
}

/**
 * The response at the end of the redirects, its body still to be read.
 * @throws ChatFlowError `HttpBlockedError`; the connection's own error, whose message may name the host.
 */
export async function exchange(first: HttpRequest, options: ExchangeOptions): Promise<IncomingMessage> {
  let request = first;
  for (let hop = 0; hop <= MAX_REDIRECTS; hop += 1) {
    checkTarget(request.url, options.policy);
    const response = await sendOnce(request, options);
    const status = response.statusCode ?? 0;
    const { location } = response.headers;
    const ends = !REDIRECTS.includes(status) || options.wanted.includes(status) || location === undefined;
    if (ends) return response;
    response.destroy();
    request = redirectRequest(request, status, location);
  }
  return block(`More than ${MAX_REDIRECTS} redirects`, 'redirects');
}
