/** Definitions of children that are edited while a tree runs, and what a rewind takes over of them. */
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { expectReplays } from '../support/expect-replays.js';
import { PATIENCE, bed, childOf, infoOf, resultOf, stateOf, trigger, useTreeBed } from './tree-bed.js';

useTreeBed();

describe('a definition that is edited while a tree runs', () => {
  const text = (says: string): string =>
    `name: part\nversion: "1.0"\nphases: [{ name: ${says}, task: Do }]\nresult: { says: '"${says}"' }\n`;
  const edit = async (says: string): Promise<void> => {
    const [folder] = bed().config.definitions;
    await mkdir(folder ?? '', { recursive: true });
    await writeFile(join(folder ?? '', 'part.yaml'), text(says));
  };

  test('is the same for all elements of a foreach, and a rewind takes over what followed it', async () => {
    await edit('before');
    const { workflowId: root } = await bed().start(`
phases:
  - name: fan
    tasks: [{ name: each, subworkflow: part, foreach: '["a", "b"]', max_parallel: 1, context: { item: "\${item}" } }]
  - { name: after, task: After }
result: { all: phases.fan.output }
`);
    await trigger(await childOf(root, 'fan#1/each[0]'));
    const second = await childOf(root, 'fan#1/each[1]');
    await edit('later');
    await trigger(second);
    await expect.poll(async () => (await infoOf(root)).current_phase, PATIENCE).toBe('after');
    expect((await stateOf(second)).schema_version).toBe('1.0');

    await bed().engine.rewind(root, { phase: 'fan' });
    await expect.poll(async () => (await infoOf(root)).current_phase, PATIENCE).toBe('after');
    expect((await infoOf(root)).child_count).toBe(2);

    await bed().engine.rewind(root, { phase: 'fan', rerun_children: true });
    for (const index of [0, 1]) await trigger(await childOf(root, `fan#3/each[${index}]`));
    await expect.poll(async () => (await infoOf(root)).current_phase, PATIENCE).toBe('after');
    await trigger(root);
    expect(await resultOf(root)).toEqual({ all: [{ says: 'later' }, { says: 'later' }] });
    await expectReplays(bed().temporal, [root]);
  });

  test('that came to be between two elements is not theirs', async () => {
    await edit('before');
    const { workflowId: root } = await bed().start(`
phases:
  - name: fan
    tasks: [{ name: each, subworkflow: part, foreach: '["a", "b"]', max_parallel: 1 }]
result: { all: phases.fan.output }
`);
    const first = await childOf(root, 'fan#1/each[0]');
    await edit('later');
    await trigger(first);
    await trigger(await childOf(root, 'fan#1/each[1]'));
    expect(await resultOf(root)).toEqual({ all: [{ says: 'before' }, { says: 'before' }] });
  });
});

describe('a rewind', () => {
  const LEAF = JSON.stringify({
    name: 'leaf',
    version: '1',
    phases: [{ name: 'do', task: 'Do' }],
    result: { n: 'variables.n' },
  });

  test.each([
    { inherit: '', change: { n: 2 }, children: 1 },
    { inherit: '', change: { unheard_of: 1 }, children: 1 },
    { inherit: ', inherit: [n]', change: { n: 2 }, children: 2 },
    { inherit: ', inherit: [n]', change: { other: 2 }, children: 1 },
  ])('runs a child again where a variable has changed that its task names: $inherit $change', async (row) => {
    const { workflowId: root } = await bed().start(
      `phases: [{ name: a, tasks: [{ name: part, subworkflow: ${LEAF}${row.inherit} }] }, { name: b, task: B }]`,
      { initial_context: { n: 1, other: 1 } },
    );
    await trigger(await childOf(root, 'a#1/part'));
    await expect.poll(async () => (await infoOf(root)).current_phase, PATIENCE).toBe('b');
    await bed().engine.rewind(root, { phase: 'a', variables: row.change });
    if (row.children === 2) await trigger(await childOf(root, 'a#2/part'));
    await expect.poll(async () => (await infoOf(root)).current_phase, PATIENCE).toBe('b');
    expect((await infoOf(root)).child_count).toBe(row.children);
  });
});
