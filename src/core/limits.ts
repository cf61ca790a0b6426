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
  /** Of one activity's rendered input, or of what an instance returns. */
  payloadBytes: 1024 * 1024,
  /** Of the inputs of what one event starts; the rest wait for the next. Over 4 MB of a task the server terminates. */
  startedBytes: 1.8 * 1024 * 1024,
  /** What one workflow task takes on, in units of `Transition.cost`: about half a second. The rest wait for the next. */
  taskUnits: 20_000_000,
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
  /** Of the variables that a child starts with. */
  inheritedBytes: 64 * 1024,
  /** Children started by one event; the rest wait for the next. */
  childStarts: 50,
  /** From when a child is asked to end until it is terminated. */
  childEndSec: 60,
  /** What one try to terminate it may take, and from one to the next. */
  killSec: 10,
  /** Children that have closed and are still told of one by one, the last of them. */
  keptChildren: 500,
  /** Of the results of those that no task waits for, as JSON; older ones are told without theirs. */
  keptResultsBytes: 256 * 1024,
  /** Messages between an instance and those above and below it; the last so many are kept. */
  messages: 100,
} as const;

/**
 * The version of the engine's meaning that new instances are pinned to; a change of meaning branches on it.
 * 2: an upsert of search attributes that waits comes a second after the change, not after the last upsert.
 * 3: a wait that is over as it opens completes at once; much work is spread over several workflow tasks, and what is too
 * large for Temporal fails; a short name means the current visit's task first; what runs on beside the phases fails by
 * itself, by its own rule; a rewind to what another has undone is refused; a retry by hand begins the retry policies
 * anew; an instance begins with the first phase that is not `finally`.
 * 4: a rewind or a retry enters a phase with the failure that led there; a foreach that has not opened is an empty list
 * to expressions; a timeout of 0 passes at once; a pause asked for in a quota's pause outlasts it; a quota that is
 * reached opens no further element; held results take no room of held triggers; near its limit a state takes what ends
 * or steers the instance.
 * 5: subworkflows.
 * 6: a child of a task that waits for its start inherits the variables of when it starts; the state of those that have
 * closed is short; one that is refused fails its task by the task's rule, and counts for nothing; messages keep their
 * order, wait for a child's start, and are delivered before a run ends; a foreach of children goes on where others keep
 * the run from ending; a child's quota is none of its parent's, and no quota is lowered; a run goes on in the next one
 * when its history has grown to 4 MiB, however few events that were.
 * 7: a limit that a child shares with those above it pauses it where it pauses its owner, and grows with the owner's;
 * what a quota has paused is told from what somebody has, down the tree; the engine's default quota is no bound of a
 * child's own; a task that is retried in a pause and gets no child fails by its rule after it; a retry lowers no quota,
 * and forgets the request ids of children that did not complete; results of children that no task waits for take a
 * bounded part of the state; a foreach is held for ten seconds only while its elements keep a run from ending; a child
 * that is refused at its start stands in the index.
 * 8: an instance that waits for inputs alone begins at the time of its run's start, whichever worker reads that first; a
 * child that has told much tells of its status once a second at most, and of all less often once its parent has heard much.
 * 9: what a child has spent and done that was ended from outside is read from it before its end is told, and the next one
 * goes on from there; a task waits for what an ending child still holds; what was spent for kept triggers counts; a limit
 * that is shared grows to what its owner has left, and no further; what a child sets aside of a shared limit is told to the
 * one above, and so is a quota of its own that was extended, which is cut to what there is; nothing is extended beyond what
 * those above have; what a quota above has paused is resumed by that alone; a child is terminated until it is;
 * `max_children` pauses where quotas do; a price that is not known is null to expressions; a definition by name stays for
 * all children of a task; a rewind takes over a child only where the variables that its task names are the same; a request
 * id with another content, a schema id that can't be one and a message from nowhere are refused.
 */
export const ENGINE_VERSION = 9;
