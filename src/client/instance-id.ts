import { randomBytes } from 'node:crypto';

/** A new instance id: `wfi_` and 12 hex digits. 48 bits collide now and then: the start redraws. */
export function newInstanceId(): string {
  return `wfi_${randomBytes(6).toString('hex')}`;
}
