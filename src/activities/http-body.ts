import type { IncomingMessage } from 'node:http';
import { pipeline, type Readable } from 'node:stream';
import { createBrotliDecompress, createGunzip, createInflate } from 'node:zlib';
import { ChatFlowError } from '../core/errors.js';
import { checkJson } from '../json/check-json.js';
import type { Json } from '../json/json.js';
import type { HttpActivityResult } from './activity-types.js';
import type { Redactor } from './secrets.js';

/** Upper bound of a response's body, unpacked. */
export const MAX_BODY_BYTES = 256 * 1024;

const DECODERS: Readonly<Record<string, () => NodeJS.ReadWriteStream & Readable>> = {
  gzip: createGunzip,
  'x-gzip': createGunzip,
  deflate: createInflate,
  br: createBrotliDecompress,
};

/** The body as it was before the server packed it, though it was asked not to. */
function unpack(response: IncomingMessage): Readable {
  const coding = (response.headers['content-encoding'] ?? 'identity').trim().toLowerCase();
  if (coding === 'identity' || coding === '') return response;
  const decoder = Object.hasOwn(DECODERS, coding) ? DECODERS[coding]?.() : undefined;
  if (decoder === undefined) {
    response.destroy();
    throw new ChatFlowError('HttpError', 'The response has a content encoding that is not known', {
      retryable: false,
    });
  }
  // Errors of either stream reach the reader of the last one.
  return pipeline(response, decoder, () => undefined);
}

/**
 * Reads a body whole, or its first `limit` bytes.
 * @throws the stream's error, an abort included
 */
export async function readUpTo(
  response: IncomingMessage,
  limit: number,
): Promise<{ readonly bytes: Buffer; readonly complete: boolean }> {
  const chunks: Buffer[] = [];
  let size = 0;
  const stream = unpack(response);
  for await (const chunk of stream as AsyncIterable<Buffer>) {
    chunks.push(chunk);
    size += chunk.byteLength;
    if (size > limit) break;
  }
  response.destroy();
  return { bytes: Buffer.concat(chunks).subarray(0, limit), complete: size <= limit };
}

/**
 * Reads a body whole.
 * @throws ChatFlowError `PayloadTooLargeError` above 256 kB
 */
export async function readBody(response: IncomingMessage, shown: string): Promise<Buffer> {
  const { bytes, complete } = await readUpTo(response, MAX_BODY_BYTES);
  if (complete) return bytes;
  const message = `The response of ${shown} is larger than ${MAX_BODY_BYTES} bytes`;
  throw new ChatFlowError('PayloadTooLargeError', message, { limit_bytes: MAX_BODY_BYTES });
}

function isText(bytes: Buffer): boolean {
  try {
    new TextDecoder('utf-8', { fatal: true }).decode(bytes);
    return true;
  } catch {
    return false;
  }
}

function parseJson(text: string): Json | undefined {
  try {
    return JSON.parse(text) as Json;
  } catch {
    return undefined;
  }
}

function refuseUnsafe(value: Json): void {
  const problem = checkJson(value);
  if (problem === null) return;
  throw new ChatFlowError(
    'InvalidInputError',
    `The response is JSON that cannot be kept: ${problem.slice(0, 300)}`,
    {
      field: 'body',
    },
  );
}

/** What a secret does in JSON that no longer parses without it: the text is kept, blotted. */
function decodeJson(text: string, redact: Redactor): Json | undefined {
  const value = parseJson(redact.text(text));
  if (value === undefined) return parseJson(text) === undefined ? undefined : redact.text(text);
  return redact.json(value);
}

/**
 * A body as the result shows it: JSON where it is JSON, else text; null where it is empty; base64 where it is no
 * text in UTF-8. Secrets are blotted out.
 * @throws ChatFlowError `InvalidInputError` for JSON that cannot be kept (`__proto__`, numbers beyond 2^53, depth)
 */
export function decodeBody(
  bytes: Buffer,
  contentType: string,
  redact: Redactor,
): Pick<HttpActivityResult, 'body' | 'body_encoding'> {
  if (bytes.byteLength === 0) return { body: null };
  if (!isText(bytes)) {
    const blotted = Buffer.from(redact.text(bytes.toString('latin1')), 'latin1');
    return { body: blotted.toString('base64'), body_encoding: 'base64' };
  }
  const text = new TextDecoder('utf-8').decode(bytes);
  const json = /[/+]json\b/i.test(contentType) ? decodeJson(text, redact) : undefined;
  if (json === undefined) return { body: redact.text(text) };
  refuseUnsafe(json);
  return { body: json };
}
