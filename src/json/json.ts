/** A JSON value: the only kind of data that crosses a boundary of ChatFlow. */
export type Json = null | boolean | number | string | readonly Json[] | JsonObject;

/** A JSON object. Keys are plain strings; `__proto__`, `constructor` and `prototype` are refused at every edge. */
export interface JsonObject {
  readonly [key: string]: Json | undefined;
}

/** Whether a value is a plain object (not null, not a list). */
export function isJsonObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
