/**
 * The SDK takes a stack trace of every promise of a workflow, for Temporal's query `__stack_trace`: at ten frames a step
 * took 3.6 ms of the workflow thread, at three 3.1 (ADR 8). An interpreter's promises all stand in the same few places,
 * and what an instance waits for is asked by `get_workflow_state`. Three frames tell these places: two of them are the
 * SDK's own.
 */
Error.stackTraceLimit = 3;
