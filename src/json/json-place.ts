/** Where a value stands in another: one segment, and what it stands in. Made for each value, written only on a problem. */
export interface Place {
  readonly segment: string | number;
  readonly parent: Place | undefined;
}

/** `items[2].name`; empty for the root. */
export function formatPlace(at: Place | undefined): string {
  const segments: (string | number)[] = [];
  for (let place = at; place; place = place.parent) segments.push(place.segment);
  return segments.reverse().reduce<string>((path, segment) => {
    if (typeof segment === 'number') return `${path}[${segment}]`;
    if (!/^[A-Za-z_][A-Za-z0-9_-]*$/.test(segment)) return `${path}[${JSON.stringify(segment.slice(0, 60))}]`;
    return path === '' ? segment : `${path}.${segment}`;
  }, '');
}
