/** What an instance lets a child use, and which limits of the child are not its own. */
import type { ResourceQuota } from '../definition/definition.js';

/** What a child's subtree may use. */
export interface Grant {
  /** Asked for, and its own: of tokens and money set aside from what its parent has left. */
  readonly own: ResourceQuota;
  /** What its parent has left, where nothing was asked for: a bound, shared with all others. */
  readonly left: ResourceQuota;
  /** Of what is left, the limits whose owner pauses where they are reached. */
  readonly pauses?: readonly (keyof SharedQuota)[];
}

/** Limits that are an ancestor's. */
export type SharedQuota = Readonly<
  Partial<Record<Exclude<keyof ResourceQuota, 'max_children'>, SharedLimit>>
>;

export interface SharedLimit {
  /** What its owner does where it is reached; else the instance's own definition decides. */
  readonly pauses: boolean;
  /** How far it may grow with the owner's: a bound of the instance itself. */
  readonly most?: number;
}

/** What the one above tells of limits: what they grow by, what they may come to, what they are cut to. */
export interface LimitsTold {
  readonly by?: ResourceQuota;
  /** From version 9 on, as the next. */
  readonly up_to?: ResourceQuota;
  /** Seconds that the one above has left, as it says so. */
  readonly time_left_sec?: number;
  /** Of what was set aside and then extended: what is set aside now. Only that may be granted further down. */
  readonly granted?: ResourceQuota;
  /** Of what was extended beyond what there is. */
  readonly cut_to?: ResourceQuota;
}
