/** What the runtime hands to the SDK's activator for a request to cancel. */
interface CancelActivation {
  readonly reason?: string | null;
}

interface Activator {
  cancelWorkflow(activation: CancelActivation): void;
}

/**
 * Why the cancellation was asked for: the request carries a reason, which the SDK drops. Read from the activation, so
 * it is the same in a replay. To be called once, as the workflow's module is evaluated.
 *
 * @returns the reason, once a request has come; null where it gave none
 */
export function listenForCancelReason(): () => string | null {
  const { __TEMPORAL_ACTIVATOR__: activator } = globalThis as { __TEMPORAL_ACTIVATOR__?: Activator };
  let reason: string | null = null;
  if (activator) {
    const cancelWorkflow = activator.cancelWorkflow.bind(activator);
    activator.cancelWorkflow = (activation) => {
      reason = activation.reason ? activation.reason.slice(0, 1000) : null;
      cancelWorkflow(activation);
    };
  }
  return () => reason;
}
