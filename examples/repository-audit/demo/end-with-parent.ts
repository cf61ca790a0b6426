/**
 * Loaded into a process before its own code (`node --import`): ends it in order once the process that started it is
 * gone, however that came about. It needs the `ipc` channel that the parent gives it, and keeps nothing alive.
 */
process.once('disconnect', () => process.kill(process.pid, 'SIGTERM'));
process.channel?.unref();
