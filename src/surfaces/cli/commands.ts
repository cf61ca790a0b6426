import type { CliCommand } from './cli-command.js';
import { artifacts } from './commands/artifacts.js';
import { claim, heartbeat, release } from './commands/claim.js';
import { doctor } from './commands/doctor.js';
import { cancel, terminate } from './commands/end.js';
import { feature } from './commands/feature.js';
import { history } from './commands/history.js';
import { init } from './commands/init.js';
import { list } from './commands/list.js';
import { pause, resume } from './commands/pause.js';
import { retry } from './commands/retry.js';
import { rewind } from './commands/rewind.js';
import { schema } from './commands/schema.js';
import { start } from './commands/start.js';
import { status } from './commands/status.js';
import { tasks } from './commands/tasks.js';
import { tree } from './commands/tree.js';
import { trigger } from './commands/trigger.js';
import { up } from './commands/up.js';
import { validate } from './commands/validate.js';
import { watch } from './commands/watch.js';
import { worker } from './commands/worker.js';

/** Every command, in the order in which the overview shows them. */
export const COMMANDS: readonly CliCommand[] = [
  up,
  worker,
  init,
  doctor,
  validate,
  schema,
  start,
  trigger,
  status,
  tree,
  watch,
  list,
  feature,
  history,
  artifacts,
  tasks,
  claim,
  heartbeat,
  release,
  pause,
  resume,
  rewind,
  retry,
  cancel,
  terminate,
];
