/**
 * What all instances of a worker share: everything but the entry, evaluated once instead of once an instance. None of
 * it holds state of an instance; its caches are memos, bounded and by content.
 */
import './stack-trace-limit.js';
import './accept-reserved-signals.js';
import './cancel-reason.js';
import './payload-converter.js';
import './run-instance.js';
