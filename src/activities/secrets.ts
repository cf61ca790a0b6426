/** Secrets: put into a request by name, and blotted out of whatever comes back. */
import { ChatFlowError } from '../core/errors.js';
import { isJsonObject, type Json } from '../json/json.js';

/** `${secret:NAME}`, as src/expression/parse-template.ts lets it stand. */
const PLACEHOLDER = /\$\{secret:([A-Za-z_][A-Za-z0-9_.-]{0,127})\}/g;

export interface SecretSource {
  readonly secrets: (name: string) => string | undefined;
  /** The only names that count; absent: every one. */
  readonly allowed?: readonly string[];
}

/** Fills placeholders in and remembers which secrets were used. */
export class SecretFiller {
  readonly #source: SecretSource;
  readonly #used = new Map<string, string>();

  constructor(source: SecretSource) {
    this.#source = source;
  }

  /** Values by name of the secrets that were filled in. */
  get used(): ReadonlyMap<string, string> {
    return this.#used;
  }

  /**
   * A text with its secrets in place, each passed through `encode` with its place in the text.
   * @throws ChatFlowError `SecretNotFoundError`
   */
  fill(text: string, encode: (value: string, offset: number) => string = (value) => value): string {
    return text.replace(PLACEHOLDER, (placeholder: string, name: string, offset: number) => {
      if (this.#source.allowed?.includes(name) === false) return placeholder;
      return encode(this.#valueOf(name), offset);
    });
  }

  /** JSON with the secrets in its strings in place. */
  fillJson(value: Json): Json {
    if (typeof value === 'string') return this.fill(value);
    return mapJson(value, (item) => this.fillJson(item));
  }

  #valueOf(name: string): string {
    const value = this.#source.secrets(name);
    if (value === undefined || value === '') {
      const message = `The worker has no secret ${name}: set CHATFLOW_SECRET_${name} in its environment`;
      throw new ChatFlowError('SecretNotFoundError', message, { name });
    }
    this.#used.set(name, value);
    return value;
  }
}

function mapJson(value: Json, map: (item: Json, key?: string) => Json): Json {
  if (Array.isArray(value)) return value.map((item: Json) => map(item));
  if (!isJsonObject(value)) return value;
  const entries = Object.entries(value).map(
    ([key, item]) => [key, item === undefined ? null : map(item)] as const,
  );
  return Object.fromEntries(entries);
}

/** Blots secrets out of texts. */
export interface Redactor {
  /** Bytes of the longest text that is looked for: of a text that was cut, so much of its ends may hide a part. */
  readonly longestBytes: number;
  text(text: string): string;
  /** Every string of a JSON value, keys included. */
  json(value: Json): Json;
}

const MIN_PART = 8;

/** A secret that is a URL, or has lines (a private key), shows itself by its parts, too. */
function partsOf(value: string): readonly string[] {
  const lines = value.split(/\r?\n/).filter((line) => line.length >= MIN_PART);
  return [...(lines.length > 1 ? lines : []), ...partsOfUrl(value)];
}

function partsOfUrl(value: string): readonly string[] {
  if (!/^https?:\/\//i.test(value) || !URL.canParse(value)) return [];
  const url = new URL(value);
  const whole = [url.href, url.href.slice(url.origin.length), url.pathname, url.search, url.search.slice(1)];
  const pieces = [...url.pathname.split('/'), ...url.searchParams.values(), url.password, url.username];
  return [...whole, ...pieces].filter((part) => part.length >= MIN_PART);
}

/** As JSON in ASCII writes what is beyond it. */
function escapeUnit(unit: string): string {
  return `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`;
}

/** The ways in which a server may echo a text. */
function disguises(value: string): readonly string[] {
  const bytes = Buffer.from(value, 'utf8');
  const quoted = JSON.stringify(value).slice(1, -1);
  const percent = encodeURIComponent(value);
  const html = value
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;');
  return [
    value,
    quoted,
    quoted.replaceAll('/', '\\/'),
    quoted.replace(/[^\x20-\x7e]/g, escapeUnit),
    percent,
    percent.replace(/%[0-9A-F]{2}/g, (escape) => escape.toLowerCase()),
    percent.replaceAll('%20', '+'),
    html,
    html.replaceAll("'", '&#39;'),
    bytes.toString('latin1'),
    bytes.toString('base64'),
    bytes.toString('base64').replace(/=+$/, ''),
    bytes.toString('base64url'),
    bytes.toString('hex'),
    bytes.toString('hex').toUpperCase(),
    // UTF-16, read as what it is not.
    [...value].join('\0'),
  ];
}

/** A redactor for these secrets, by name; `more` are texts derived from them (a Basic authorization). */
export function createRedactor(secrets: ReadonlyMap<string, string>, more: readonly string[] = []): Redactor {
  const marks = new Map<string, string>();
  for (const text of more) marks.set(text, '[secret]');
  for (const [name, value] of secrets) {
    for (const part of [value, ...partsOf(value)]) {
      for (const text of disguises(part)) marks.set(text, `[secret:${name}]`);
    }
  }
  // The longest first: what is cut out of a longer disguise would leave its rest.
  const needles = [...marks].filter(([text]) => text !== '').sort(([a], [b]) => b.length - a.length);
  const text = (from: string): string =>
    needles.reduce((left, [needle, mark]) => left.replaceAll(needle, () => mark), from);
  const json = (value: Json): Json => {
    if (typeof value === 'string') return text(value);
    if (!isJsonObject(value)) return mapJson(value, json);
    return Object.fromEntries(Object.entries(value).map(([key, item]) => [text(key), json(item ?? null)]));
  };
  const longestBytes = Math.max(0, ...needles.map(([needle]) => Buffer.byteLength(needle)));
  if (needles.length === 0) return { longestBytes, text: (from) => from, json: (value) => value };
  return { longestBytes, text, json };
}
