/**
 * The SDK takes a stack trace of every promise of a workflow, for Temporal's query `__stack_trace`: a third of what a
 * step costs a worker, and half of what a waiting instance takes in memory, at ten frames (measured, ADR 8). An
 * interpreter's promises all stand in the same few places, and what an instance waits for is asked by
 * `get_workflow_state`. Three frames tell these places: two of them are the SDK's own.
 */
Error.stackTraceLimit = 3;
