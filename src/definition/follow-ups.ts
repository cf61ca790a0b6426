/** What was reported in reading a document is not reported again by the checks of what is left of it. */
import type { DiagnosticCode } from './diagnostic-codes.js';
import type { Finding, Path } from './finding.js';

/** What a check says of a map that lacks a key. */
const ABSENCES: ReadonlySet<DiagnosticCode> = new Set(['missing-key', 'kind-conflict']);

/** What a check says of a name that may have been lost in reading. */
const OF_NAMES: ReadonlySet<DiagnosticCode> = new Set(['unknown-phase', 'unknown-task', 'unreachable-phase']);

/** Leaves out what follows from `read`: whatever stands at a place that is reported, and what needs it. */
export function withoutFollowUps(found: readonly Finding[], read: readonly Finding[]): readonly Finding[] {
  if (read.length === 0) return found;
  const places = read.map(({ path, hides }) => ({
    hides,
    path: hides === 'holder' ? path.slice(0, -1) : path,
  }));
  const isHiding = ({ hides }: (typeof places)[number]) => hides === undefined || hides === 'holder';
  const hidden = new Set(places.filter(isHiding).map(({ path }) => idOf(path)));
  const lacking = new Set(places.filter(({ hides }) => hides === 'missing').map(({ path }) => idOf(path)));
  // A doubled `phases` or `tasks` is read once, so that names stand in the other one.
  const hasLostNames = places.some(({ path }) => mayHoldName(path));
  return found.filter(({ code, path }) => {
    if (hasLostNames && OF_NAMES.has(code)) return false;
    if (code === 'unreachable-phase') return false;
    if (ABSENCES.has(code) && (lacking.has(idOf(path)) || lacking.has(idOf(path.slice(0, -1))))) return false;
    return !isWithin(path, hidden);
  });
}

/** The document, `phases`, a phase, its `name`, `tasks`, a task, or its `name`. */
function mayHoldName(path: Path): boolean {
  const last = path.at(typeof path.at(-1) === 'number' ? -2 : -1);
  return last === undefined || ['phases', 'tasks', 'name'].includes(String(last));
}

function isWithin(path: Path, places: ReadonlySet<string>): boolean {
  for (let length = 1; length <= path.length; length++) {
    if (places.has(idOf(path.slice(0, length)))) return true;
  }
  return false;
}

function idOf(path: Path): string {
  return JSON.stringify(path);
}
