/**
 * Keys of artifacts. Only a small alphabet is let in, so every way out of a folder (`..`, `%2f`, a backslash, a NUL,
 * a drive letter, look-alike dots, an absolute path) is refused alike, on every driver.
 */
import { createHash } from 'node:crypto';
import { ChatFlowError } from '../core/errors.js';

/** Upper bounds in bytes: of a key (S3's and GCS's is 1,024) and of one segment (file systems: 255). */
export const MAX_KEY_BYTES = 1023;
export const MAX_SEGMENT_BYTES = 240;

/** No leading dot: drivers keep names of their own there. */
const SEGMENT = /^[A-Za-z0-9_~][A-Za-z0-9_.~-]*$/;
const PARTIAL_SEGMENT = /^([A-Za-z0-9_~][A-Za-z0-9_.~-]*)?$/;
const ENCODED_LENGTH = 160;

function refuse(key: string, reason: string): never {
  const shown = key.length > 80 ? `${key.slice(0, 80)}…` : key;
  throw new ChatFlowError('InvalidInputError', `The artifact key ${JSON.stringify(shown)} ${reason}`, {
    key: shown,
    reason,
  });
}

function checkSegments(key: string, segments: readonly string[]): void {
  for (const segment of segments) {
    if (segment === '') refuse(key, 'has an empty segment');
    if (segment.length > MAX_SEGMENT_BYTES) refuse(key, `has a segment above ${MAX_SEGMENT_BYTES} bytes`);
    if (segment.endsWith('.')) refuse(key, 'has a segment that ends with a dot');
    if (!SEGMENT.test(segment)) {
      refuse(
        key,
        'has a segment with characters other than A-Z a-z 0-9 _ - . ~ or one that begins with - or a dot',
      );
    }
  }
}

/**
 * Refuses what is no key: `segment/segment/…`.
 * @throws ChatFlowError `InvalidInputError`
 */
export function checkArtifactKey(key: unknown): asserts key is string {
  if (typeof key !== 'string') refuse(String(key), 'is no string');
  if (key.length > MAX_KEY_BYTES) refuse(key, `is longer than ${MAX_KEY_BYTES} bytes`);
  checkSegments(key, key.split('/'));
}

/** Refuses what cannot begin a key; the last segment may be partial or empty. */
export function checkArtifactPrefix(prefix: unknown): asserts prefix is string {
  if (typeof prefix !== 'string') refuse(String(prefix), 'is no string');
  if (prefix.length > MAX_KEY_BYTES) refuse(prefix, `is longer than ${MAX_KEY_BYTES} bytes`);
  const segments = prefix.split('/');
  const last = segments.pop() ?? '';
  checkSegments(prefix, segments);
  if (!PARTIAL_SEGMENT.test(last)) refuse(prefix, 'ends with what no segment begins with');
}

/**
 * Any non-empty text as one segment: plain names stay as they are, other bytes become `~` and two hex digits, and
 * what is long is cut and ends with `~~` and a digest, which nothing else can contain. Different texts never meet.
 */
export function encodeKeySegment(text: string): string {
  if (text === '') refuse(text, 'cannot be made from an empty name');
  let encoded = '';
  for (const byte of Buffer.from(text, 'utf8')) {
    const character = String.fromCharCode(byte);
    const plain = /[A-Za-z0-9_]/.test(character) || (encoded !== '' && character === '-');
    encoded += plain ? character : `~${byte.toString(16).padStart(2, '0')}`;
  }
  if (encoded.length <= ENCODED_LENGTH) return encoded;
  const digest = createHash('sha256').update(text, 'utf8').digest('hex').slice(0, 32);
  return `${encoded.slice(0, ENCODED_LENGTH - 40)}~~${digest}`;
}
