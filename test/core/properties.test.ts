import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { HistoryEvent } from '../../src/core/shapes.js';
import type { InstanceState } from '../../src/core/state.js';
import { parseDefinition } from '../../src/definition/parse-definition.js';
import { CoreDriver } from '../support/core-driver.js';
import { randomDefinition } from './random-definition.js';
import { randomStep, type RandomStep } from './random-events.js';

/** How many definitions are tried; more of them where someone looks for trouble. */
const RUNS = Number(process.env['CHATFLOW_PROPERTY_RUNS'] ?? 60);
/** Fixed in CI, so that a run can be repeated; to look further: CHATFLOW_PROPERTY_SEED=$RANDOM. */
const SEED = Number(process.env['CHATFLOW_PROPERTY_SEED'] ?? 1);

/** What became of the triggers that were not refused, by id. */
class Fates {
  readonly accepted = new Map<string, number>();
  private readonly seen = new Map<number, HistoryEvent>();

  accept(id: string): void {
    this.accepted.set(id, (this.accepted.get(id) ?? 0) + 1);
  }

  /** Keeps the audit events, of which a continue-as-new takes the older ones away. */
  watch(state: InstanceState): void {
    for (const event of state.events) this.seen.set(event.seq, event);
  }

  count(type: string, id: string): number {
    return [...this.seen.values()].filter(
      (event) => event.event_type === type && event.data['trigger_id'] === id,
    ).length;
  }

  /** Each trigger that was taken is applied once, or refused, or a duplicate, or still kept; none is lost. */
  check(state: InstanceState): void {
    this.watch(state);
    const kept = [
      ...state.held.flatMap((event) => (event.type === 'trigger_received' ? [event.input] : [])),
      ...Object.values(state.early).flat(),
    ];
    for (const [id, sent] of this.accepted) {
      const applied = this.count('trigger_applied', id);
      const others = this.count('trigger_rejected', id) + this.count('trigger_duplicate', id);
      const waiting = kept.filter((input) => input.trigger_id === id).length;
      expect(applied, `${id} is applied at most once`).toBeLessThanOrEqual(1);
      expect(applied + others + waiting, `${id} is accounted for`).toBe(sent);
    }
  }
}

function run(driver: CoreDriver, steps: readonly RandomStep[], fates: Fates): void {
  for (const step of steps) {
    const event = step(driver);
    if (event === null) continue;
    if (event === 'advance') driver.advance(7000);
    else if (event !== 'continue_as_new') {
      const { refusal } = driver.offer(event);
      if (!refusal && event.type === 'trigger_received') fates.accept(event.input.trigger_id ?? '');
    } else if (driver.inFlight.size === 0) {
      fates.watch(driver.state);
      driver.continueAsNew();
    }
    fates.watch(driver.state);
  }
}

/** Brings an instance to its end: time passes, then it is cancelled, and whatever is still asked is answered. */
function finish(driver: CoreDriver): void {
  for (let round = 0; round < 200 && driver.state.closed_at === null; round++) {
    if (driver.state.draining) driver.send({ type: 'run_continued' });
    const [key] = driver.inFlight;
    if (round === 10) driver.cancel('enough');
    else if (key !== undefined) driver.complete(key, { n: 1 });
    else if (driver.state.paused) driver.cancel('enough');
    else if (round < 10) driver.advance(60_000);
    else {
      answer(driver);
      driver.advance(60_000);
    }
  }
}

/** Only a phase that runs at every end asks for something after a cancel. */
function answer(driver: CoreDriver): void {
  const [task] = driver.open;
  if (task === undefined) return;
  const claim_id = driver.state.tasks[task]?.claim?.claim_id;
  const claim = claim_id === undefined ? {} : { claim_id };
  driver.offer({
    type: 'trigger_received',
    via: 'update',
    input: { task, trigger_data: { decision: 'approve' }, ...claim },
  });
}

describe('any definition under any events', () => {
  test('transition is total, pure and deterministic; no trigger is lost or applied twice; counts add up', () => {
    let valid = 0;
    fc.assert(
      fc.property(randomDefinition, fc.array(randomStep, { maxLength: 25 }), (text, steps) => {
        const { definition } = parseDefinition(text);
        fc.pre(definition !== undefined && definition !== null);
        valid += 1;
        const driver = new CoreDriver(definition);
        const fates = new Fates();
        run(driver, steps, fates);
        fates.check(driver.state);
        finish(driver);
        expect(driver.state.closed_at, 'every instance can be brought to an end').not.toBeNull();
        fates.check(driver.state);
        expect(driver.state.failure?.type, driver.state.failure?.message).not.toBe('InternalError');
      }),
      { numRuns: RUNS, seed: SEED },
    );
    expect(valid).toBe(RUNS);
  }, 600_000);
});
