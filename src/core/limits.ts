/** Every limit of the engine, in one place. Each is refused with an error that names it. */
export const LIMITS = {
  /** State as JSON, in bytes. */
  stateBytes: 1024 * 1024,
  definitionBytes: 256 * 1024,
  /** One trigger, in bytes: below the server's 2 MiB for a payload. */
  triggerBytes: 1024 * 1024,
  appliedIds: 1000,
  heldEvents: 1000,
  earlyTriggers: 100,
  /** Phases entered without waiting for anything, in one event. */
  phaseLoop: 1000,
  openActivities: 1000,
  maxParallel: 500,
  visitLog: 1000,
  visitLogBytes: 256 * 1024,
  snapshotBytes: 1024,
  batch: 1000,
  leaseSec: 86_400,
  executorTimeoutSec: 3600,
  /** The engine's own executors beat: a dead worker is noticed, and a cancellation arrives, within this. */
  ownHeartbeatSec: 10,
  idBytes: 255,
} as const;

/**
 * The version of the engine's meaning that new instances are pinned to; a change of meaning branches on it.
 * 2: an upsert of search attributes that waits comes a second after the change, not after the last upsert.
 * 3: a wait whose time has come as it opens completes at once, without a timer.
 */
export const ENGINE_VERSION = 3;
