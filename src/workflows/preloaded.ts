/**
 * What all instances of a worker share: the pure core, evaluated once instead of once an instance. None of it holds
 * state of an instance; its caches are memos, bounded and by content.
 */
import './stack-trace-limit.js';
import '../core/check-carried.js';
import '../core/create-instance.js';
import '../core/decode-input.js';
import '../core/pass-deadlines.js';
import '../core/share-definition.js';
import '../core/transition.js';
import '../core/views.js';
