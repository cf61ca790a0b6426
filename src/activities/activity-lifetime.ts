import { Context } from '@temporalio/activity';
import { ChatFlowError } from '../core/errors.js';

const LONGEST_TIMER_MS = 2 ** 31 - 1;
const DEFAULT_BEAT_MS = 10_000;

/** Own time ends a little before the server's, so that the failure says what took so long. */
function ownTimeMs(limitMs: number): number {
  const own = limitMs - Math.min(1000, limitMs / 20);
  return limitMs > 0 && own < LONGEST_TIMER_MS ? own : LONGEST_TIMER_MS;
}

function keepBeating(context: Context): NodeJS.Timeout {
  const timeoutMs = context.info.heartbeatTimeoutMs;
  const everyMs = timeoutMs === undefined || timeoutMs <= 0 ? DEFAULT_BEAT_MS : Math.max(timeoutMs / 3, 50);
  return setInterval(() => context.heartbeat(), everyMs);
}

/**
 * Runs an executor's work within its activity: heartbeats go out (they bring the cancellation in), and the signal fires
 * on cancellation or when the time is over; the work then ends at once.
 * @throws CancelledFailure on cancellation; ChatFlowError `TimeoutError` when the time is over; what the work throws.
 */
export async function withinLifetime<T>(what: string, work: (signal: AbortSignal) => Promise<T>): Promise<T> {
  const context = Context.current();
  const limitMs = context.info.startToCloseTimeoutMs;
  const timeIsOver = new AbortController();
  const timer = setTimeout(() => timeIsOver.abort(), ownTimeMs(limitMs));
  const beat = keepBeating(context);
  try {
    return await work(AbortSignal.any([context.cancellationSignal, timeIsOver.signal]));
  } catch (error) {
    if (context.cancellationSignal.aborted) return await context.cancelled;
    if (!timeIsOver.signal.aborted) throw error;
    const seconds = limitMs / 1000;
    throw new ChatFlowError('TimeoutError', `${what} took longer than ${seconds} s`, {
      timeout_sec: seconds,
    });
  } finally {
    clearTimeout(timer);
    clearInterval(beat);
  }
}
