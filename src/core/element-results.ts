/**
 * The results of a foreach's elements, in chunks: one that closes copies its chunk and the list of chunks, not the
 * results of all, so that the work of an element does not grow with their number.
 */
import type { Json } from '../json/json.js';
import type { ElementResult, Foreach } from './state.js';

/** About the square root of the most elements a list may have. */
const CHUNK = 100;

type Results = Foreach['results'];
type Slot = ElementResult | null;

/** The results of so many elements, by index. */
export function chunkResults(results: readonly Slot[]): Results {
  const chunks: Slot[][] = [];
  for (let start = 0; start < results.length; start += CHUNK)
    chunks.push(results.slice(start, start + CHUNK));
  return chunks;
}

/** What an element left, or null where it has not closed. */
export function resultAt(foreach: Pick<Foreach, 'results'>, index: number): Slot {
  return foreach.results[Math.floor(index / CHUNK)]?.[index % CHUNK] ?? null;
}

/** The results with one changed. */
export function withResult(results: Results, index: number, result: Slot): Results {
  const position = Math.floor(index / CHUNK);
  return results.with(position, (results[position] ?? []).with(index % CHUNK, result));
}

/** Whether an element has closed, and done its work. */
export function isCompleted(result: Slot): result is ElementResult {
  return result !== null && result.status === undefined;
}

/** All results, by index. */
export function resultsOf(foreach: Pick<Foreach, 'results'>): readonly Slot[] {
  return foreach.results.flat();
}

/** The outputs of all elements, in order; null where one did not complete. */
export function outputsOf(foreach: Pick<Foreach, 'results'>): Json {
  return resultsOf(foreach).map((result) => result?.output ?? null);
}
