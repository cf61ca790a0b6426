/** From the rendered executor to a request that can be sent: checked, and with its secrets in place. */
import { validateHeaderName, validateHeaderValue } from 'node:http';
import { ChatFlowError } from '../core/errors.js';
import type { HttpMethod } from '../definition/definition.js';
import { isJsonObject, type Json } from '../json/json.js';
import type { HttpActivityInput } from './activity-types.js';
import { createRedactor, SecretFiller, type Redactor, type SecretSource } from './secrets.js';

export interface HttpRequest {
  readonly url: URL;
  readonly method: HttpMethod;
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer | null;
  /** Names of headers that hold a secret: they stay with the origin they were written for. */
  readonly secretHeaders: ReadonlySet<string>;
  readonly bodyHasSecret: boolean;
}

export interface ComposedRequest {
  readonly request: HttpRequest;
  readonly redact: Redactor;
  /** Method and URL for messages: as the definition has it, placeholders unfilled, without query. */
  readonly shown: string;
}

const METHODS: readonly string[] = ['GET', 'POST', 'PUT', 'PATCH', 'DELETE', 'HEAD'];
/** Whoever sets these changes what the request is, not what it says. */
const OWN_HEADERS = new Set([
  'connection',
  'content-length',
  'expect',
  'host',
  'keep-alive',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
]);
const SHOWN_URL_CHARS = 200;

function refuse(message: string, field: string): never {
  throw new ChatFlowError('InvalidInputError', message, { field });
}

/** A placeholder within a URL is escaped; one that begins it is (the beginning of) a URL itself. */
function parseUrl(input: HttpActivityInput, secrets: SecretFiller): URL {
  const template: unknown = input.url;
  if (typeof template !== 'string') refuse('url must be a text', 'url');
  const text = secrets.fill(template, (value, offset) => (offset === 0 ? value : encodeURIComponent(value)));
  if (URL.canParse(text)) return new URL(text);
  refuse('url is no absolute URL, such as https://example.com/path', 'url');
}

function headerText(name: string, value: Json | undefined): string {
  if (typeof value === 'string') return value;
  if (typeof value === 'number' || typeof value === 'boolean') return String(value);
  refuse(`The header ${name} must be a text`, 'headers');
}

function checkHeader(name: string, value: string): void {
  try {
    validateHeaderName(name);
    validateHeaderValue(name, value);
  } catch {
    // Node's error may quote the value.
    refuse(
      `The header ${JSON.stringify(name.slice(0, 80))} has a name or a value that HTTP does not allow`,
      'headers',
    );
  }
  if (OWN_HEADERS.has(name)) refuse(`The header ${name} cannot be set`, 'headers');
}

interface Headers {
  readonly headers: Record<string, string>;
  readonly secretHeaders: Set<string>;
}

function fillHeaders(input: HttpActivityInput, secrets: SecretFiller): Headers {
  const given: unknown = input.headers ?? {};
  if (!isJsonObject(given)) refuse('headers must be a map', 'headers');
  const filled: Headers = { headers: {}, secretHeaders: new Set() };
  for (const [key, value] of Object.entries(given)) {
    if (value === null || value === undefined) continue;
    const name = key.toLowerCase();
    const template = headerText(name, value);
    const text = secrets.fill(template);
    checkHeader(name, text);
    filled.headers[name] = text;
    if (text !== template) filled.secretHeaders.add(name);
  }
  return filled;
}

interface Body {
  readonly body: Buffer | null;
  readonly bodyHasSecret: boolean;
  readonly contentType: string | null;
}

/** A text under a content type of its own goes as it is; everything else as JSON. */
function fillBody(input: HttpActivityInput, ownType: boolean, secrets: SecretFiller): Body {
  if (input.body === undefined || input.body === null)
    return { body: null, bodyHasSecret: false, contentType: null };
  const plain = typeof input.body === 'string' && ownType;
  const template = plain ? String(input.body) : JSON.stringify(input.body);
  const filled = plain ? secrets.fill(template) : JSON.stringify(secrets.fillJson(input.body));
  return {
    body: Buffer.from(filled, 'utf8'),
    bodyHasSecret: filled !== template,
    contentType: ownType ? null : 'application/json',
  };
}

function basicAuthorization(url: URL): string | null {
  if (url.username === '' && url.password === '') return null;
  const pair = `${decodeURIComponent(url.username)}:${decodeURIComponent(url.password)}`;
  return Buffer.from(pair, 'utf8').toString('base64');
}

function checkMethod(method: unknown): HttpMethod {
  if (method === undefined) return 'GET';
  if (typeof method === 'string' && METHODS.includes(method)) return method as HttpMethod;
  refuse(`method must be one of ${METHODS.join(', ')}`, 'method');
}

function showUrl(template: string): string {
  const path = template.split(/[?#]/)[0] ?? '';
  const shown = path.replace(/\/\/[^/@]*@/, '//');
  return shown.length > SHOWN_URL_CHARS ? `${shown.slice(0, SHOWN_URL_CHARS)}…` : shown;
}

/**
 * Composes the request.
 * @throws ChatFlowError `InvalidInputError` for what cannot be sent, `SecretNotFoundError`. No message holds a secret.
 */
export function composeRequest(
  input: HttpActivityInput,
  source: SecretSource,
  idempotencyKey: string,
): ComposedRequest {
  const secrets = new SecretFiller(source);
  const method = checkMethod(input.method);
  const url = parseUrl(input, secrets);
  const { headers, secretHeaders } = fillHeaders(input, secrets);
  const { body, bodyHasSecret, contentType } = fillBody(input, 'content-type' in headers, secrets);
  const authorization = basicAuthorization(url);
  if (authorization !== null && !('authorization' in headers))
    headers['authorization'] = `Basic ${authorization}`;
  url.username = '';
  url.password = '';
  const defaults = { accept: '*/*', 'user-agent': 'chatflow', 'idempotency-key': encodeURI(idempotencyKey) };
  return {
    request: {
      url,
      method,
      headers: { ...defaults, ...(contentType === null ? {} : { 'content-type': contentType }), ...headers },
      body,
      secretHeaders,
      bodyHasSecret,
    },
    redact: createRedactor(secrets.used, authorization === null ? [] : [authorization]),
    shown: `${method} ${showUrl(input.url)}`,
  };
}
