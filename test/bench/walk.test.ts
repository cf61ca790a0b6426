import { describe, expect, it } from 'vitest';
import { reworkWalk, straightWalk, userBytes } from '../../bench/walk.js';

describe('the walk through the phases', () => {
  it('ends after five steps, each of which leads to the next', () => {
    const steps = straightWalk();
    expect(steps).toHaveLength(5);
    expect(steps.map((step) => step.next)).toEqual([...steps.slice(1).map((step) => step.phase), null]);
  });

  it('sends the work back as often as asked, and counts the visits', () => {
    const steps = reworkWalk(3);
    const reviews = steps.filter((step) => step.phase === 'review');
    expect(reviews.map((step) => [step.visit, step.next, step.data['decision']])).toEqual([
      [1, 'implementation', 'rework'],
      [2, 'implementation', 'rework'],
      [3, 'implementation', 'rework'],
    ]);
    expect(steps.at(-1)).toMatchObject({ phase: 'implementation', visit: 4, next: 'review' });
  });

  it('counts the bytes of the user data as JSON in UTF-8', () => {
    const [step] = straightWalk();
    if (step === undefined) throw new Error('the walk is empty');
    expect(userBytes([{ ...step, data: { note: 'é' } }])).toBe('{"note":"é"}'.length + 1);
  });
});
