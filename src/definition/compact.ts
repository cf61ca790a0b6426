/** An object's type with the properties that may be undefined made optional instead. */
type Compact<T> = { readonly [Key in keyof T as undefined extends T[Key] ? never : Key]: T[Key] } & {
  readonly [Key in keyof T as undefined extends T[Key] ? Key : never]?: Exclude<T[Key], undefined>;
};

/** A copy without the properties that are undefined, so that it is the same after a round trip through JSON. */
export function compact<T extends object>(value: T): Compact<T> {
  // What is left has exactly the properties that the type names.
  return Object.fromEntries(Object.entries(value).filter(([, item]) => item !== undefined)) as Compact<T>;
}
