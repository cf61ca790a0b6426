/** What a terminal would obey in place of showing it: control characters, and what turns the direction of writing. */
const CONTROLS = /[\0-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]/g;

/** A text as people may see it: what a terminal would obey stands there by its number; lines and tabs stay. */
export function showControls(text: string): string {
  return text
    .replaceAll('\r\n', '\n')
    .replace(CONTROLS, (sign) => `\\u${sign.charCodeAt(0).toString(16).padStart(4, '0')}`);
}

/** The same data with every text in it as people may see it, names too. */
export function showControlsIn<T>(data: T): T {
  if (typeof data === 'string') return showControls(data) as T;
  if (Array.isArray(data)) return data.map((item) => showControlsIn<unknown>(item)) as T;
  if (typeof data !== 'object' || data === null) return data;
  const entries = Object.entries(data as Record<string, unknown>).map(([name, value]) => [
    showControls(name),
    showControlsIn(value),
  ]);
  return Object.fromEntries(entries) as T;
}
