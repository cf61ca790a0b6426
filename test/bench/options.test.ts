import { describe, expect, it } from 'vitest';
import { parseOptions } from '../../bench/options.js';

describe('options of the bench', () => {
  it('measures 200 instances in three rounds by default, with no gate', () => {
    expect(parseOptions([])).toMatchObject({
      rounds: 3,
      instances: 200,
      inFlight: 20,
      gate: false,
      profileDir: null,
    });
  });

  it('lets rounds and instances be set, over --quick too', () => {
    expect(parseOptions(['--quick', '--rounds', '2', '--instances', '7'])).toMatchObject({
      rounds: 2,
      instances: 7,
      inFlight: 5,
    });
  });

  it('measures one half alone, and trees up to a size', () => {
    expect(parseOptions([])).toMatchObject({ only: null, treeNodes: 10_000 });
    expect(parseOptions(['--only', 'trees', '--nodes', '1000'])).toMatchObject({
      only: 'trees',
      treeNodes: 1000,
    });
  });

  it.each([
    ['--only', 'everything'],
    ['--rounds', '0'],
    ['--instances', 'many'],
    ['--instances', '1.5'],
    ['--turbo'],
    ['words'],
  ])('refuses %s %s', (...args) => {
    expect(() => parseOptions(args)).toThrow(TypeError);
  });

  it('answers null where help is asked for', () => {
    expect(parseOptions(['--help'])).toBeNull();
  });
});
