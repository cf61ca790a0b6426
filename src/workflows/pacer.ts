import { CancellationScope, sleep, workflowInfo } from '@temporalio/workflow';
import { LIMITS } from '../core/limits.js';

/**
 * Spreads what has come over workflow tasks. Temporal hands over all of it in one task, and a task that takes seconds
 * is tried again for ever: what goes beyond a budget waits, in its order, for the next task, which a timer brings.
 */
export class Pacer {
  private spent = 0;
  private spentIn = -1;
  private tail: Promise<unknown> = Promise.resolve();
  private waiting = 0;
  private readonly isClosed: () => boolean;

  /** @param isClosed whether the instance has closed: then all that is left is refused, which takes no time */
  constructor(isClosed: () => boolean) {
    this.isClosed = isClosed;
  }

  /** Nothing waits for its turn. */
  get isIdle(): boolean {
    return this.waiting === 0;
  }

  /** This workflow task has done enough. A replay says the same: a task is known by the history that it has seen. */
  get isSpent(): boolean {
    return (
      !this.isClosed() && this.spentIn === workflowInfo().historyLength && this.spent >= LIMITS.taskUnits
    );
  }

  /** Counts what an event took. */
  spend(units: number): void {
    const { historyLength } = workflowInfo();
    if (this.spentIn !== historyLength) this.spent = 0;
    this.spentIn = historyLength;
    this.spent += units;
  }

  /** Runs at once where nothing waits and there is something left; else in its turn. */
  enter<T>(run: () => T | Promise<T>): T | Promise<T> {
    if (this.waiting > 0 || this.isSpent) return this.hold(this.tail.then(() => this.rest()).then(run));
    const outcome = run();
    return outcome instanceof Promise ? this.hold(outcome) : outcome;
  }

  /** Waits for a workflow task that has something left. */
  async rest(): Promise<void> {
    while (this.isSpent) await CancellationScope.nonCancellable(() => sleep(1));
  }

  /** Who comes later waits until this has ended. */
  private hold<T>(outcome: Promise<T>): Promise<T> {
    this.waiting += 1;
    const done = outcome.finally(() => {
      this.waiting -= 1;
    });
    this.tail = done.catch(() => undefined); // Whoever sent it hears of it.
    return done;
  }
}
