/**
 * How many updates of one instance a process has in flight. The server takes ten and refuses the rest, which then come
 * again and again; waiting here costs neither side anything.
 */
export class UpdateGate {
  readonly #limit: number;
  /** Calls that wait for their turn, by instance; an entry exists while any call of the instance is in flight. */
  readonly #waiting = new Map<string, (() => void)[]>();
  readonly #active = new Map<string, number>();

  constructor(limit: number) {
    this.#limit = limit;
  }

  /** Runs a call when its turn has come: in order, at most `limit` of one instance at once. */
  async run<T>(instanceId: string, call: () => Promise<T>): Promise<T> {
    await this.#enter(instanceId);
    try {
      return await call();
    } finally {
      this.#leave(instanceId);
    }
  }

  async #enter(instanceId: string): Promise<void> {
    const active = this.#active.get(instanceId) ?? 0;
    if (active < this.#limit) {
      this.#active.set(instanceId, active + 1);
      return;
    }
    const waiting = this.#waiting.get(instanceId) ?? [];
    this.#waiting.set(instanceId, waiting);
    await new Promise<void>((resolve) => waiting.push(resolve));
  }

  /** Whoever waits takes over the place of the one that leaves. */
  #leave(instanceId: string): void {
    const waiting = this.#waiting.get(instanceId);
    const next = waiting?.shift();
    if (waiting?.length === 0) this.#waiting.delete(instanceId);
    if (next !== undefined) return next();
    const active = (this.#active.get(instanceId) ?? 1) - 1;
    if (active === 0) this.#active.delete(instanceId);
    else this.#active.set(instanceId, active);
  }
}
