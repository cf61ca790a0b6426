/** A foreach of as many children as a list may have, in one parent: what each costs must not grow with their number. */
import { expect, test } from 'vitest';
import type { ArtifactRef } from '../../src/core/shapes.js';
import type { InstanceState } from '../../src/core/state.js';
import { createInstance } from '../../src/core/create-instance.js';
import { LIMITS } from '../../src/core/limits.js';
import { transition } from '../../src/core/transition.js';
import { viewTreeMonitor } from '../../src/core/views.js';
import { jsonSize } from '../../src/json/json-size.js';
import type { Json } from '../../src/json/json.js';
import { START_AT, type DrivenEvent } from '../support/core-driver.js';
import { readDefinition } from '../support/read-definition.js';

const MANY = `
name: many
version: "1"
phases:
  - name: split
    foreach: variables.items
    max_parallel: 100
    subworkflow: one
    context: { item: "\${item}" }
    outputs: { last: "tasks.split[size(tasks.split) - 1].output.item", output: "size(phases.split.output)" }
`;

const ARCHIVED: ArtifactRef = {
  name: 'history-000001.json',
  uri: 'memory:history-000001.json',
  sha256: '0'.repeat(64),
  size_bytes: 1,
  media_type: 'application/json',
  kind: 'history',
  created_at: '2026-01-01T00:00:00.000Z',
};

/** The parent alone; children end as soon as they are started. */
class Parent {
  state: InstanceState;
  starting: string[] = [];
  private at = START_AT;

  constructor(count: number) {
    const definition = readDefinition(MANY);
    this.state = createInstance({
      instance_id: 'wfi_000000000001',
      tenant_id: 'default',
      feature_id: 'many',
      definition,
      definition_digest: 'd'.repeat(64),
      context: { items: Array.from({ length: count }, (_, index) => index) },
      automation_level: 60,
      max_recursion_depth: 5,
      resource_quota: {},
      at: this.at,
    });
    this.send({ type: 'instance_started' });
  }

  /** Starts and ends so many children; answers how long that took, in milliseconds. */
  run(count: number): number {
    const startedAt = performance.now();
    for (let done = 0; done < count; done += 1) {
      const id = this.starting.shift();
      if (id === undefined) throw new Error(`no child waits after ${String(done)}`);
      this.send({ type: 'child_started', instance_id: id });
      const item = Number(this.state.tasks[this.state.children?.[id]?.task ?? '']?.item);
      const result: Json = { item, note: 'migrated' };
      this.send({ type: 'child_closed', instance_id: id, status: 'completed', result, problem: null });
    }
    // The shell moves them to the artifact store.
    this.send({ type: 'history_archived', ref: ARCHIVED, last_seq: this.state.next_seq - 1 });
    return performance.now() - startedAt;
  }

  private send(event: DrivenEvent): void {
    this.at += 1;
    const { state, commands, refusal } = transition(this.state, { ...event, at: this.at });
    if (refusal) throw new Error(`${refusal.type}: ${refusal.message}`);
    this.state = state;
    for (const command of commands)
      if (command.type === 'start_child') this.starting.push(command.instance_id);
  }
}

test('each of 10,000 costs the parent what the first ones did, and all fit into its state', () => {
  const parent = new Parent(10_000);
  const parts = Array.from({ length: 10 }, () => parent.run(1000));
  const { status, variables, child_count, children, past_children } = parent.state;
  expect(status).toBe('completed');
  expect(variables).toMatchObject({ last: 9999, output: 10_000 });
  expect(child_count).toBe(10_000);
  expect(children).toEqual({});
  expect(past_children).toMatchObject({ closed: { completed: 10_000 } });
  expect(jsonSize(parent.state as unknown as Json)).toBeLessThan(LIMITS.stateBytes);
  const { tree_status, children: shown } = viewTreeMonitor(parent.state, START_AT);
  expect(tree_status).toMatchObject({ total_nodes: 10_001, completed_nodes: 10_001 });
  expect(shown).toHaveLength(LIMITS.keptChildren);
  // The first part warms up; a cost that grew with the number would make the last part several times the second.
  const [, second = 0] = parts;
  expect(Math.min(...parts.slice(-2))).toBeLessThan(second * 2);
});
