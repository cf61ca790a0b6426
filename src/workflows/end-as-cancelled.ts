import { CancelledFailure } from '@temporalio/common';

/**
 * The error that ends the execution as Canceled. The SDK takes it as such only where the server had asked for the
 * cancellation; a definition's own `goto: cancel` ends the same way, so the mark that the SDK looks at is set here.
 */
export function cancelledEnd(reason: string): CancelledFailure {
  const { __TEMPORAL_ACTIVATOR__: activator } = globalThis as {
    __TEMPORAL_ACTIVATOR__?: { cancelled: boolean };
  };
  if (activator) activator.cancelled = true;
  return new CancelledFailure(reason);
}
