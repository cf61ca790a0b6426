/** What the runtime hands to the SDK's activator for a signal. */
interface SignalActivation {
  readonly signalName?: string | null;
}

interface Activator {
  readonly signalHandlers: ReadonlyMap<string, unknown>;
  signalWorkflow(activation: SignalActivation): void;
}

const RESERVED = '__temporal_';

/**
 * Anyone may send a signal of a name that is Temporal's own. The SDK throws at it, outside of every handler, and the
 * workflow task would fail for ever: here it goes the way of every unknown signal, under a name that says what it was.
 * To be called once, as the workflow's module is evaluated.
 */
export function acceptReservedSignals(): void {
  const { __TEMPORAL_ACTIVATOR__: activator } = globalThis as { __TEMPORAL_ACTIVATOR__?: Activator };
  if (!activator) return;
  const signalWorkflow = activator.signalWorkflow.bind(activator);
  activator.signalWorkflow = (activation) => {
    const name = activation.signalName ?? '';
    const isForeign = name.startsWith(RESERVED) && !activator.signalHandlers.has(name);
    signalWorkflow(isForeign ? { ...activation, signalName: `reserved name ${name}` } : activation);
  };
}
