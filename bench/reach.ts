/** The figures that are held to a bound. */

export interface Bound {
  readonly at_least?: number;
  readonly at_most?: number;
}

export interface Reach extends Bound {
  readonly pass: boolean;
}

/** Adds `reach` beside the figures: for each bounded one its bound, and whether it is kept. */
export function withReach<Figures extends object>(
  figures: Figures,
  bounds: Readonly<Partial<Record<keyof Figures & string, Bound>>>,
): Figures & { readonly reach: Readonly<Record<string, Reach>> } {
  const reach: Record<string, Reach> = {};
  for (const [name, bound] of Object.entries<Bound | undefined>(bounds)) {
    if (bound === undefined) continue;
    reach[name] = { ...bound, pass: keeps(bound, (figures as Readonly<Record<string, unknown>>)[name]) };
  }
  return { ...figures, reach };
}

/** Paths of the figures in the document that miss their reach, as `section.figure`. */
export function findMisses(document: unknown, path: readonly string[] = []): readonly string[] {
  if (typeof document !== 'object' || document === null) return [];
  return Object.entries(document).flatMap(([key, value]: [string, unknown]) => {
    if (key !== 'reach') return findMisses(value, [...path, key]);
    const reach = value as Readonly<Record<string, Reach>>; // `withReach` alone writes this key
    return Object.keys(reach)
      .filter((name) => reach[name]?.pass === false)
      .map((name) => [...path, name].join('.'));
  });
}

function keeps(bound: Bound, value: unknown): boolean {
  if (typeof value !== 'number' || Number.isNaN(value)) return false;
  return value >= (bound.at_least ?? -Infinity) && value <= (bound.at_most ?? Infinity);
}
