import { CancellationScope, isCancellation, sleep } from '@temporalio/workflow';

/**
 * One Temporal timer for all deadlines of an instance. It is moved only when an earlier deadline comes up: a deadline
 * that has gone lets the timer fire once for nothing, which is cheaper than two events a step to cancel and restart it.
 */
export class Alarm {
  private dueAt: number | null = null;
  private scope: CancellationScope | null = null;
  private readonly ring: (dueAt: number) => void;

  constructor(ring: (dueAt: number) => void) {
    this.ring = ring;
  }

  /** Makes sure that the alarm rings at `dueAt` (milliseconds) at the latest; null asks for nothing. */
  set(dueAt: number | null): void {
    if (dueAt === null || !Number.isFinite(dueAt) || (this.dueAt !== null && this.dueAt <= dueAt)) return;
    this.scope?.cancel();
    this.dueAt = dueAt;
    const scope = new CancellationScope({ cancellable: true });
    this.scope = scope;
    void scope.run(() => this.wait(dueAt, scope));
  }

  /** Drops the alarm where it would ring before `time` (milliseconds). */
  dropBefore(time: number): void {
    if (this.dueAt === null || this.dueAt >= time) return;
    this.scope?.cancel();
    this.scope = null;
    this.dueAt = null;
  }

  private async wait(dueAt: number, scope: CancellationScope): Promise<void> {
    try {
      await sleep(Math.max(1, dueAt - Date.now()));
    } catch (error) {
      if (isCancellation(error)) return;
      throw error;
    }
    // The timer had fired before it could be cancelled: another alarm stands in its place.
    if (this.scope !== scope) return;
    this.dueAt = null;
    this.scope = null;
    this.ring(dueAt);
  }
}
