import type { CommandContext } from './cli-command.js';

/** The same items; while the first is waited for, a terminal shows that it goes on. */
export async function* waitForFirst<T>(
  wait: CommandContext['wait'],
  items: AsyncIterable<T>,
): AsyncGenerator<T, void> {
  const iterator = items[Symbol.asyncIterator]();
  let next = await wait('asking', () => iterator.next());
  for (; next.done !== true; next = await iterator.next()) yield next.value;
}
