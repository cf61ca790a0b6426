/** Rounds of several entrants in turn, and the ratios between them. */
import type { Mode } from './contender.js';
import { ROUND_FIGURES, measureRound, type RoundFigures } from './round.js';
import { median, rounded } from './statistics.js';
import type { Side, TestBed } from './test-bed.js';
import { straightWalk } from './walk.js';

export interface ComparisonPlan {
  readonly mode: Mode;
  readonly rounds: number;
  readonly instances: number;
  readonly inFlight: number;
  /** Ids are made of it: unlike for every comparison on a server. */
  readonly label: string;
}

interface Entrant {
  readonly bed: TestBed;
  readonly side: Side;
}

type Round<Name extends string> = Readonly<Record<Name, RoundFigures>>;

export interface SideComparison {
  /** The median of each figure over the rounds. */
  readonly ours: RoundFigures;
  readonly bare: RoundFigures;
  /** Ours over bare, the median of the rounds' own ratios: what the machine did meanwhile falls out. */
  readonly throughput_ratio: number;
  readonly p50_ratio: number;
  readonly p99_ratio: number;
  readonly worker_cpu_ms_more: number;
  readonly server_cpu_ms_more: number;
  readonly rounds: readonly Round<'ours' | 'bare'>[];
}

export interface FileComparison extends Omit<SideComparison, 'rounds'> {
  /** Ours on the memory server, in the same rounds. */
  readonly ours_in_memory: RoundFigures;
  /** Steps a second of ours on the file over those in memory. */
  readonly file_over_memory: number;
  readonly rounds: readonly Round<'ours' | 'bare' | 'ours_in_memory'>[];
}

/** Ours and bare on one server. */
export async function compareSides(bed: TestBed, plan: ComparisonPlan): Promise<SideComparison> {
  const rounds = await measureRounds(
    { ours: { bed, side: bed.sides.ours }, bare: { bed, side: bed.sides.bare } },
    plan,
  );
  return { ...summarise(rounds), rounds };
}

/** Ours and bare on the server with a file, and ours on the one in memory. */
export async function compareServers(
  file: TestBed,
  memory: TestBed,
  plan: ComparisonPlan,
): Promise<FileComparison> {
  const entrants = {
    ours: { bed: file, side: file.sides.ours },
    bare: { bed: file, side: file.sides.bare },
    ours_in_memory: { bed: memory, side: memory.sides.ours },
  };
  const rounds = await measureRounds(entrants, plan);
  const shares = rounds.map((round) => round.ours.steps_per_second / round.ours_in_memory.steps_per_second);
  return {
    ...summarise(rounds),
    ours_in_memory: medians(rounds.map((round) => round.ours_in_memory)),
    file_over_memory: rounded(median(shares)),
    rounds,
  };
}

/** Drives the entrants back to back, `rounds` times; another one goes first each time. */
async function measureRounds<Name extends string>(
  entrants: Readonly<Record<Name, Entrant>>,
  plan: ComparisonPlan,
): Promise<Round<Name>[]> {
  const names = Object.keys(entrants) as Name[]; // keys of a record are its names
  const rounds: Round<Name>[] = [];
  for (let index = 0; index < plan.rounds; index += 1) {
    const shift = index % names.length;
    const figures: [Name, RoundFigures][] = [];
    for (const name of [...names.slice(shift), ...names.slice(0, shift)]) {
      const { bed, side } = entrants[name];
      const label = `${plan.label}-${String(index)}`;
      figures.push([name, await measureRound(bed, side, { ...plan, steps: straightWalk(), label })]);
    }
    rounds.push(Object.fromEntries(figures) as Round<Name>); // one entry a name, by the loop above
  }
  return rounds;
}

function summarise(rounds: readonly Round<'ours' | 'bare'>[]): Omit<SideComparison, 'rounds'> {
  const ratio = (key: keyof RoundFigures): number =>
    rounded(median(rounds.map((round) => round.ours[key] / round.bare[key])));
  const more = (key: keyof RoundFigures): number =>
    rounded(median(rounds.map((round) => round.ours[key] - round.bare[key])));
  return {
    ours: medians(rounds.map((round) => round.ours)),
    bare: medians(rounds.map((round) => round.bare)),
    throughput_ratio: ratio('steps_per_second'),
    p50_ratio: ratio('p50_ms'),
    p99_ratio: ratio('p99_ms'),
    worker_cpu_ms_more: more('worker_cpu_ms_per_step'),
    server_cpu_ms_more: more('server_cpu_ms_per_step'),
  };
}

function medians(rounds: readonly RoundFigures[]): RoundFigures {
  const entries = ROUND_FIGURES.map((key) => [key, rounded(median(rounds.map((round) => round[key])))]);
  return Object.fromEntries(entries) as RoundFigures; // every key of it, by the list
}
