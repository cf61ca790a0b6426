/** Rewind: a new visit of an earlier phase; what lies behind it is superseded, compensated and run again. */
import { refuseClosed } from './apply-trigger.js';
import { cancelTask } from './close-task.js';
import { closeVisit, queueCompensations } from './end-instance.js';
import { entryAgain } from './entry-again.js';
import { refuse } from './fault.js';
import { indexDefinition } from './definition-index.js';
import { keepResults, passOnReusable } from './reuse.js';
import { settle } from './settle.js';
import type { RewindRequest, TriggerResult } from './shapes.js';
import { progressOf, statusOf, waitingForOf } from './summary.js';
import type { PhaseState } from './state.js';
import type { Turn } from './turn.js';
import { undoVisits } from './undo-visits.js';

/** Opens a new visit of a phase that has been visited. Open tasks since then are superseded first. */
export function rewindInstance(turn: Turn, request: RewindRequest): TriggerResult {
  const { state } = turn;
  refuseClosed(state);
  if (state.ending && state.ending.stage !== 'drain') {
    const { outcome } = state.ending;
    const way =
      outcome === 'failed'
        ? '`chatflow retry` goes on from its failure, once it has closed'
        : 'start a new one';
    refuse('WorkflowClosedError', `The instance is ending as ${outcome} and can't be rewound: ${way}`, {
      status: outcome,
    });
  }
  const target = findTarget(turn, request.phase);
  const previous = state.current?.phase ?? null;
  supersede(turn, target.entered);
  state.ending = null;
  turn.mergeVariables(request.variables ?? {});
  state.entry = {
    ...entryAgain(turn, request.phase),
    ...(request.guidance === undefined ? {} : { guidance: request.guidance }),
  };
  if (request.rerun_children) {
    state.reusable = {};
    delete state.pinned;
  }
  turn.record('workflow_rewound', {
    phase: request.phase,
    data: {
      from: previous,
      guidance: request.guidance ?? null,
      rerun_children: request.rerun_children ?? false,
    },
  });
  settle(turn);
  return {
    instance_id: state.instance_id,
    status: statusOf(state),
    previous_phase: previous,
    current_phase: state.current?.phase ?? null,
    waiting_for: waitingForOf(state),
    applied: true,
    duplicate: false,
    progress: progressOf(state),
  };
}

/** The phase to go back to: one that has been visited, and that no other rewind has undone since. */
function findTarget(turn: Turn, name: string): PhaseState {
  const target = turn.phaseState(name);
  if (indexDefinition(turn.definition).phases.has(name) && isStanding(turn, target)) return target;
  const visited = Object.entries(turn.state.phases)
    .filter(([, phase]) => isStanding(turn, phase))
    .map(([known]) => known);
  const why = target.visits === 0 ? 'has not been visited' : 'was undone by a rewind and not visited since';
  return refuse('InvalidInputError', `Phase ${name} ${why}: rewind to one of ${visited.join(', ')}`, {
    visited,
  });
}

function isStanding({ state }: Turn, { visits, undone }: PhaseState): boolean {
  return visits > 0 && !(undone === true && state.engine_version >= 3);
}

function supersede(turn: Turn, entered: number): void {
  const { current } = turn.state;
  for (const [name, phase] of Object.entries(turn.state.phases)) {
    if (phase.entered >= entered && phase.status !== 'superseded') passOnReusable(turn, name, phase.visits);
  }
  for (const task of Object.values(turn.state.tasks)) {
    if (task.entered < entered || task.group !== undefined) continue;
    if (turn.phaseState(task.phase).status !== 'superseded') keepResults(turn, task);
    cancelTask(turn, task, 'superseded');
  }
  if (current && turn.phaseState(current.phase).status === 'running') closeVisit(turn, 'superseded');
  for (const [name, phase] of Object.entries(turn.state.phases)) {
    if (phase.entered < entered || phase.visits === 0) continue;
    turn.patchPhase(name, { status: 'superseded', undone: phase.entered > entered ? true : undefined });
  }
  undoVisits(turn, entered);
  queueCompensations(turn, entered);
}
