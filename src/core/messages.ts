/** What an instance says to the one above it or to a child: in the history of both, and in `messages` of who hears it. */
import type { Json } from '../json/json.js';
import { refuseClosed } from './apply-trigger.js';
import type { CoreEvent } from './event.js';
import { refuse } from './fault.js';
import { statusReply } from './lifecycle.js';
import { LIMITS } from './limits.js';
import { settle } from './settle.js';
import type { InstanceState } from './state.js';
import { allChildrenOf } from './tree-figures.js';
import { isoTime, type Turn } from './turn.js';

/** The signal in which a message travels: the engine's own. */
export const MESSAGE_SIGNAL = 'receive_message';

/** Sends data to the instance above. */
export function publishToParent(turn: Turn, data: Json): Json {
  const { state } = turn;
  refuseClosed(state);
  if (state.parent_instance_id === null)
    refuse(
      'InvalidInputError',
      `The instance has no parent to publish to [instance_id=${state.instance_id}]`,
    );
  turn.record('message_published', { data: { to: state.parent_instance_id, data } });
  turn.command({
    type: 'signal_parent',
    signal: MESSAGE_SIGNAL,
    argument: { from: state.instance_id, data },
  });
  return statusReply(turn);
}

/** Sends data to an open child. */
export function messageChild(
  turn: Turn,
  { instance_id, data }: Extract<CoreEvent, { type: 'message_requested' }>,
): Json {
  const { state } = turn;
  refuseClosed(state);
  const child = state.children?.[instance_id];
  const isThere = state.engine_version < 6 ? child?.stage === 'open' : child && child.stage !== 'closed';
  if (!child || !isThere)
    return refuse(
      'InstanceNotFoundError',
      `The instance has no open child ${instance_id} [instance_id=${state.instance_id}]`,
    );
  const { messages = [] } = child;
  if (messages.length >= LIMITS.messages)
    refuse(
      'RateLimitedError',
      `${LIMITS.messages} messages wait for the start of child ${instance_id} already`,
    );
  turn.record('message_sent', { data: { to: instance_id, data } });
  if (child.stage === 'open') sendToChild(turn, instance_id, data);
  else turn.putChild({ ...child, messages: [...messages, data] });
  return statusReply(turn);
}

/** The child runs: what was said to it before comes first. */
export function sendWaitingMessages(turn: Turn, id: string): void {
  const child = turn.state.children?.[id];
  if (child?.stage !== 'open' || child.messages === undefined) return;
  const { messages, ...rest } = child;
  turn.putChild(rest);
  for (const data of messages) sendToChild(turn, id, data);
}

function sendToChild(turn: Turn, instance_id: string, data: Json): void {
  const argument = { from: turn.state.instance_id, data };
  turn.command({ type: 'signal_child', instance_id, signal: MESSAGE_SIGNAL, argument });
}

function isKin(state: InstanceState, id: string): boolean {
  return id === state.parent_instance_id || allChildrenOf(state).some((child) => child.id === id);
}

/** Hears a message: the last hundred are there for expressions, and waits may hold now. */
export function receiveMessage(
  turn: Turn,
  { from, data }: Extract<CoreEvent, { type: 'message_received' }>,
): void {
  const { state } = turn;
  if (state.closed_at !== null) return;
  if (state.engine_version >= 9 && !isKin(state, from))
    refuse(
      'InvalidInputError',
      `A message comes from the instance above or a child, and ${from.slice(0, 80)} is neither`,
    );
  turn.record('message_received', { data: { from, data } });
  state.messages = [...state.messages, { from, data, at: isoTime(turn.at) }].slice(-LIMITS.messages);
  settle(turn);
}
