/** The name of a file as text, and whether it is the name itself. */
export interface FileName {
  readonly text: string;
  /** False where the bytes are no UTF-8: then `text` shows them, and opens nothing. */
  readonly isExact: boolean;
}

const FIRST_BYTE_ABOVE_ASCII = 0x80;

/** Reads a name from its bytes; of what is no UTF-8 each byte above ASCII is shown as `\xNN`. */
export function readFileName(bytes: Buffer): FileName {
  const text = bytes.toString('utf8');
  if (Buffer.from(text, 'utf8').equals(bytes)) return { text, isExact: true };
  const shown = [...bytes].map((byte) =>
    byte < FIRST_BYTE_ABOVE_ASCII ? String.fromCharCode(byte) : `\\x${byte.toString(16)}`,
  );
  return { text: shown.join(''), isExact: false };
}
