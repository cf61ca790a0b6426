import type { EngineLink, InstanceLink, InstanceView } from './engine-link.js';

/** An open instance as it was a moment ago. */
export interface Visited {
  readonly instance: InstanceLink;
  readonly view: InstanceView;
}

/**
 * An instance and, with `throughTree`, its open children from above, each asked when its turn comes. An instance says
 * itself which children its open tasks have, so that hardly one is asked that has closed. Nothing once the root has.
 */
export async function* walkTree(
  link: EngineLink,
  rootId: string,
  { throughTree }: { readonly throughTree: boolean },
): AsyncGenerator<Visited, void, undefined> {
  const instance = link.instance(rootId);
  const view = await instance.look();
  if (view.closed) return;
  yield { instance, view };
  if (!throughTree) return;
  for (const id of view.children) yield* walkTree(link, id, { throughTree });
}
