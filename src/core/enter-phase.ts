/** Entering a phase: its condition, its bound on visits, its tasks. */
import type { Join, PhaseDefinition } from '../definition/definition.js';
import { NUMBER_RANGES } from '../json/number-ranges.js';
import { isClosed } from './close-task.js';
import { followingPhase } from './definition-index.js';
import { beginCompletion, failInstance } from './end-instance.js';
import { evaluateCondition, renderJoin, renderNumber } from './evaluate.js';
import { Fault } from './fault.js';
import { isWrittenOut } from './join.js';
import { LIMITS } from './limits.js';
import { createTask } from './open-task.js';
import { unmetVisits } from './require-visits.js';
import { dropReusable } from './reuse.js';
import { routeFailure } from './route-failure.js';
import type { ScopeExtras } from './scope.js';
import { isoTime, type Turn } from './turn.js';
import type { PendingEntry } from './state.js';
import { logVisit } from './visit-log.js';

/** Enters the phase that is pending, or passes it over. */
export function enterPhase(turn: Turn, entry: PendingEntry): void {
  turn.state.entry = null;
  turn.phaseEntries += 1;
  if (turn.phaseEntries > LIMITS.phaseLoop) {
    const message = `Phases went round ${LIMITS.phaseLoop} times without waiting for anything [phase=${entry.phase}]`;
    failInstance(
      turn,
      { type: 'PhaseLoopError', message, details: { phase: entry.phase, limit: LIMITS.phaseLoop } },
      { phase: entry.phase, entry },
    );
    return;
  }
  const phase = turn.phaseDefinition(entry.phase);
  try {
    if (isPassedOver(turn, phase, entry)) skipPhase(turn, phase);
    else enterOnce(turn, phase, entry);
  } catch (error) {
    if (!(error instanceof Fault)) throw error;
    routeFailure(turn, { phase: phase.name, problem: error.problem, entry });
  }
}

function isPassedOver(turn: Turn, phase: PhaseDefinition, entry: PendingEntry): boolean {
  if (phase.condition === undefined) return false;
  const place = { phase: phase.name, field: 'condition' };
  return !evaluateCondition(turn, phase.condition, place, scopeOfEntry(entry));
}

/** What a phase's expressions see before it is entered. */
function scopeOfEntry({ phase, error }: PendingEntry): ScopeExtras {
  // The failure that led to the phase before is not this one's.
  return { phase, error: error ?? {} };
}

function skipPhase(turn: Turn, phase: PhaseDefinition): void {
  const { visits } = turn.phaseState(phase.name);
  turn.patchPhase(phase.name, { status: 'skipped' });
  turn.record('phase_skipped', { phase: phase.name, data: { condition: phase.condition } });
  logVisit(turn, {
    phase: phase.name,
    visit: visits,
    task: '',
    started_at: isoTime(turn.at),
    ended_at: isoTime(turn.at),
    status: 'skipped',
    trigger_data_snapshot: {},
    trigger_id: null,
    meta: {},
  });
  proceed(turn, phase.name, phase.fallback_phase);
}

/** Goes to the phase named, or to the one that follows in the document, or to the end. */
export function proceed(turn: Turn, from: string, target: string | undefined): void {
  const next = target ?? followingPhase(turn.definition, from);
  if (turn.state.ending) return;
  if (next === undefined) beginCompletion(turn);
  else turn.state.entry = { phase: next };
}

/** Enters the phase, unless it has been visited `max_visits` times. */
function enterOnce(turn: Turn, phase: PhaseDefinition, entry: PendingEntry): void {
  const { visits, undone_visits = 0 } = turn.phaseState(phase.name);
  const limit = visitLimit(turn, phase, entry);
  if (limit !== undefined && visits - undone_visits >= limit) refuseVisit(turn, phase, entry, limit);
  else beginVisit(turn, phase, entry, wantedOf(turn, phase, entry));
}

function visitLimit(turn: Turn, phase: PhaseDefinition, entry: PendingEntry): number | undefined {
  if (phase.max_visits === undefined) return undefined;
  const place = { phase: phase.name, field: 'max_visits' };
  return renderNumber(turn, phase.max_visits, NUMBER_RANGES.count, place, scopeOfEntry(entry));
}

/** What `${…}` gives for a visit; empty where the definition gives the values themselves. */
interface Wanted {
  readonly join?: Join;
  readonly require?: Join;
}

function wantedOf(turn: Turn, phase: PhaseDefinition, entry: PendingEntry): Wanted {
  const render = (field: 'join' | 'require'): Wanted => {
    const { [field]: template } = phase;
    if (template === undefined || isWrittenOut(template)) return {};
    return { [field]: renderJoin(turn, template, { phase: phase.name, field }, scopeOfEntry(entry)) };
  };
  return { ...render('join'), ...render('require') };
}

function refuseVisit(turn: Turn, phase: PhaseDefinition, entry: PendingEntry, limit: number): void {
  turn.record('loop_limit_reached', { phase: phase.name, data: { max_visits: limit } });
  if (phase.on_max_visits !== undefined && !turn.state.ending) {
    turn.state.entry = { phase: phase.on_max_visits };
    return;
  }
  const message = `Phase ${phase.name} has been visited ${limit} times, which is its max_visits`;
  routeFailure(turn, {
    phase: phase.name,
    problem: { type: 'LoopLimitError', message, details: { phase: phase.name, max_visits: limit } },
    entry,
  });
}

function beginVisit(turn: Turn, phase: PhaseDefinition, entry: PendingEntry, wanted: Wanted): void {
  const before = turn.phaseState(phase.name);
  const visit = before.visits + 1;
  forgetVisits(turn, phase);
  dropReusable(turn, phase.name, visit);
  const entered = turn.nextOrder();
  turn.state.current = {
    phase: phase.name,
    visit,
    entered,
    started_at: turn.at,
    trigger: {},
    trigger_id: null,
    meta: {},
    stage: phase.execution_strategy === 'sequential' ? 'tasks' : 'entering',
    ...(entry.error ? { error: entry.error } : {}),
    ...(wanted.join === undefined ? {} : { join: wanted.join }),
  };
  turn.patchPhase(phase.name, {
    status: 'running',
    visits: visit,
    entered,
    undone: undefined,
    output: undefined,
    output_in_task: undefined,
    error: turn.state.engine_version >= 4 ? entry.error : undefined,
    tasks: [],
  });
  turn.record('phase_started', { phase: phase.name, data: { visit } });
  const given = {
    ...(wanted.require === undefined ? {} : { require: wanted.require }),
    ...(entry.guidance === undefined ? {} : { guidance: entry.guidance }),
  };
  const tasks = phase.tasks.map((task) => createTask(turn, task, given));
  turn.patchPhase(phase.name, { tasks: tasks.map((task) => task.id) });
}

/** Closed tasks of earlier visits make room; what runs on beside the phases stays, and what `require` has to judge. */
function forgetVisits(turn: Turn, phase: PhaseDefinition): void {
  const unmet = unmetVisits(turn, phase);
  for (const task of Object.values(turn.state.tasks)) {
    if (task.phase !== phase.name || !isClosed(task) || isHeldByOpenSlot(turn, task.group)) continue;
    if (task.excused || !unmet.has(task.entered)) turn.dropTask(task.id);
  }
}

function isHeldByOpenSlot(turn: Turn, group: string | undefined): boolean {
  const slot = group === undefined ? undefined : turn.task(group);
  return slot !== undefined && !isClosed(slot);
}
