const MAX_NAME_CHARS = 64;
const MAX_NAMES = 300;
/** Letters of which a name that begins with them is near: `for` means `for_sec`. */
const MIN_BEGINNING = 3;

/**
 * The name most like a misspelt one: few edits, compared without case and separators; undefined where none is near.
 * Looks at the first 300 names only, so that a hint never costs more than some milliseconds.
 */
export function nearestName(given: string, names: readonly string[]): string | undefined {
  if (given.length > MAX_NAME_CHARS) return undefined;
  const wanted = fold(given);
  let best: string | undefined;
  let bestDistance = wanted.length < 2 ? 1 : Math.max(1, Math.floor(wanted.length / 3)) + 1;
  for (const name of names.slice(0, MAX_NAMES)) {
    const folded = fold(name.slice(0, MAX_NAME_CHARS));
    const isBeginning = wanted.length >= MIN_BEGINNING && folded.startsWith(wanted);
    if (!isBeginning && Math.abs(folded.length - wanted.length) >= bestDistance) continue;
    const distance = folded === wanted ? 0 : isBeginning ? 1 : countEdits(wanted, folded);
    if (distance < bestDistance) [best, bestDistance] = [name, distance];
  }
  return best;
}

function fold(name: string): string {
  return name.toLowerCase().replace(/[-_ ]/g, '');
}

/** Optimal string alignment: insertions, deletions, replacements, and swaps of neighbours. */
function countEdits(left: string, right: string): number {
  let before: number[] = [];
  let previous = Array.from({ length: right.length + 1 }, (_, index) => index);
  for (let row = 1; row <= left.length; row++) {
    const current = [row];
    for (let column = 1; column <= right.length; column++) {
      current.push(editsAt(left, right, row, column, { before, previous, current }));
    }
    [before, previous] = [previous, current];
  }
  return previous[right.length] ?? 0;
}

interface Rows {
  readonly before: readonly number[];
  readonly previous: readonly number[];
  readonly current: readonly number[];
}

function editsAt(left: string, right: string, row: number, column: number, rows: Rows): number {
  const at = (list: readonly number[], index: number) => list[index] ?? Number.MAX_SAFE_INTEGER;
  const isSame = left[row - 1] === right[column - 1];
  const isSwap =
    row > 1 && column > 1 && left[row - 1] === right[column - 2] && left[row - 2] === right[column - 1];
  return Math.min(
    at(rows.previous, column) + 1,
    at(rows.current, column - 1) + 1,
    at(rows.previous, column - 1) + (isSame ? 0 : 1),
    isSwap ? at(rows.before, column - 2) + 1 : Number.MAX_SAFE_INTEGER,
  );
}
