/**
 * The worker's payload converter: JSON as usual, but what cannot be read becomes a marker instead of an exception.
 * An exception here would fail the workflow task for ever (Python's `json.dumps` writes NaN); a marker is refused
 * by `decode-input` and stands in the history with its reason.
 */
import {
  CompositePayloadConverter,
  JsonPayloadConverter,
  UndefinedPayloadConverter,
  type Payload,
  type PayloadConverter,
} from '@temporalio/common';
import type { Undecodable } from '../core/decode-input.js';

const JSON_ENCODING = 'json/plain';

class TolerantPayloadConverter implements PayloadConverter {
  private readonly inner = new CompositePayloadConverter(
    new UndefinedPayloadConverter(),
    new JsonPayloadConverter(),
  );

  toPayload<T>(value: T): Payload {
    return this.inner.toPayload(value);
  }

  fromPayload<T>(payload: Payload): T {
    const encoding = encodingOf(payload);
    if (encoding === 'binary/null') return null as T;
    if (encoding !== JSON_ENCODING)
      return marker(`the payload's encoding is ${encoding}, ${JSON_ENCODING} is due`) as T;
    try {
      return this.inner.fromPayload<T>(payload);
    } catch (error) {
      return marker(error instanceof Error ? error.message.slice(0, 200) : 'it is no JSON') as T;
    }
  }
}

function encodingOf(payload: Payload): string {
  const bytes = payload.metadata?.['encoding'];
  return bytes ? String.fromCharCode(...bytes.slice(0, 64)) : 'missing';
}

function marker(reason: string): Undecodable {
  return { chatflow_undecodable: reason };
}

export const payloadConverter: PayloadConverter = new TolerantPayloadConverter();
