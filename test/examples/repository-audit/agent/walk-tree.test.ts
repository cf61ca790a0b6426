import { expect, it } from 'vitest';
import type { EngineLink, InstanceLink } from '../../../../examples/repository-audit/agent/engine-link.js';
import { walkTree } from '../../../../examples/repository-audit/agent/walk-tree.js';

/** An engine in memory: ids of open children by instance; what is not in it has closed. */
function linkOf(tree: Readonly<Record<string, readonly string[]>>) {
  const asked: string[] = [];
  const instance = (id: string): InstanceLink => {
    const look = () => {
      asked.push(id);
      return Promise.resolve({ closed: tree[id] === undefined, tasks: [], children: tree[id] ?? [] });
    };
    return { look } as unknown as InstanceLink;
  };
  const link: EngineLink = { instance, close: () => Promise.resolve() };
  return { link, asked };
}

async function count(link: EngineLink, throughTree: boolean): Promise<number> {
  const visited: unknown[] = [];
  for await (const one of walkTree(link, 'root', { throughTree })) visited.push(one);
  return visited.length;
}

it('visits an instance and its open children from above, level by level within each', async () => {
  const { link, asked } = linkOf({ root: ['a', 'gone', 'b'], a: ['c'], b: [], c: [] });
  expect(await count(link, true)).toBe(4);
  expect(asked).toEqual(['root', 'a', 'c', 'gone', 'b']);
});

it('asks a child only when its turn has come', async () => {
  const { link, asked } = linkOf({ root: ['a'], a: [] });
  await walkTree(link, 'root', { throughTree: true }).next();
  expect(asked).toEqual(['root']);
});

it('stays with the instance where the tree is not asked for, and visits nothing that has closed', async () => {
  const { link, asked } = linkOf({ root: ['a'], a: [] });
  expect(await count(link, false)).toBe(1);
  expect(asked).toEqual(['root']);
  expect(await count(linkOf({}).link, true)).toBe(0);
});
