/**
 * Does `action` for each item, `inFlight` at a time, in order. After a failure no further item is begun, and the
 * first failure is thrown once those in flight have settled: nobody is left calling a server that goes away.
 */
export async function eachInFlight<Item>(
  items: readonly Item[],
  inFlight: number,
  action: (item: Item) => Promise<void>,
): Promise<void> {
  const waiting = items.values();
  const failures: unknown[] = [];
  const caller = async (): Promise<void> => {
    for (const item of waiting) {
      if (failures.length > 0) return;
      await action(item).catch((error: unknown) => failures.push(error));
    }
  };
  await Promise.all(Array.from({ length: inFlight }, caller));
  if (failures.length > 0) throw failures[0];
}
