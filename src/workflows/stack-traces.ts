/**
 * The SDK takes a stack trace of every promise of a workflow, for Temporal's query `__stack_trace`, which cost a quarter of
 * the workflow thread's time (ADR 8). An interpreter's promises all stand in the same few places: the query is
 * answered from the state instead (`viewOpenWork`), and only the interpreter, which makes no promise, has traces.
 */
const FRAMES = 10;

Error.stackTraceLimit = 0;

/** Runs what makes no promises; an error that is made inside tells where. */
export function withStackTraces<T>(run: () => T): T {
  Error.stackTraceLimit = FRAMES;
  try {
    return run();
  } finally {
    Error.stackTraceLimit = 0;
  }
}
