/** Where a path of the document stands in the text. */
import { isAlias, isMap, isScalar, isSeq } from 'yaml';
import type { Alias, Node, Pair, YAMLMap, YAMLSeq } from 'yaml';
import type { Path, PathSegment } from './finding.js';

export interface NodeTree {
  readonly root: Node;
  readonly aliases: ReadonlyMap<Alias, Node>;
}

/** What stands at a path, or at the deepest part of it that exists. */
export interface Place {
  readonly key?: Node;
  readonly value?: Node;
  /** Whether the whole path exists. */
  readonly isWhole: boolean;
}

/** Follows a path, through aliases. */
export function findPlace(tree: NodeTree, path: Path): Place {
  let value: Node | undefined = tree.root;
  let key: Node | undefined;
  for (const segment of path) {
    const target: Node | undefined = isAlias(value) ? tree.aliases.get(value) : value;
    const next = stepInto(target, segment);
    if (!next) return { ...toPlace(key, value), isWhole: false };
    ({ key, value } = next);
  }
  return { ...toPlace(key, value), isWhole: true };
}

function toPlace(key: Node | undefined, value: Node | undefined): Omit<Place, 'isWhole'> {
  return { ...(key ? { key } : {}), ...(value ? { value } : {}) };
}

interface Step {
  readonly key: Node | undefined;
  readonly value: Node | undefined;
}

function stepInto(node: Node | undefined, segment: string | number): Step | undefined {
  if (isSeq(node) && typeof segment === 'number') {
    const item = node.items[segment] as Node | undefined;
    return item === undefined ? undefined : { key: undefined, value: item };
  }
  if (!isMap(node)) return undefined;
  const pair = (node.items as Pair<Node, Node | null>[]).find(
    (entry) => keyText(entry.key) === String(segment),
  );
  return pair && { key: pair.key, value: pair.value ?? undefined };
}

function keyText(key: Node): string | undefined {
  if (!isScalar(key)) return undefined;
  return typeof key.value === 'string' ? key.value : key.source;
}

/** The path of what stands at an offset; where that is in a flow map or list, the path of the outermost one. */
export function blockPathAt(root: Node, offset: number): Path {
  return pathTo(root, offset, (node) => node.flow !== true);
}

/** The path of what stands at an offset, whatever it stands in. */
export function pathAt(root: Node, offset: number): Path {
  return pathTo(root, offset, () => true);
}

function pathTo(root: Node, offset: number, isEntered: (node: YAMLMap | YAMLSeq) => boolean): Path {
  const path: PathSegment[] = [];
  let node: Node | undefined = root;
  while ((isMap(node) || isSeq(node)) && isEntered(node)) {
    const step: StepAt | undefined = isMap(node)
      ? lastPairBefore(node, offset)
      : lastItemBefore(node, offset);
    if (!step) break;
    path.push(step.segment);
    node = step.node;
  }
  return path;
}

interface StepAt {
  readonly segment: PathSegment;
  readonly node: Node | undefined;
}

function lastPairBefore(map: YAMLMap, offset: number): StepAt | undefined {
  const pairs = map.items as Pair<Node | null, Node | null>[];
  const pair = pairs.findLast(({ key }) => isBefore(key, offset));
  const segment = pair?.key ? keyText(pair.key) : undefined;
  if (pair === undefined || segment === undefined || segment === '') return undefined;
  return { segment, node: pair.value ?? undefined };
}

function lastItemBefore(list: YAMLSeq, offset: number): StepAt | undefined {
  const items = list.items as Node[];
  const segment = items.findLastIndex((item) => isBefore(item, offset));
  return segment === -1 ? undefined : { segment, node: items[segment] };
}

function isBefore(node: Node | null, offset: number): boolean {
  return (node?.range?.[0] ?? Infinity) <= offset;
}

/** The offset in the text of a place: its value, or its key where that is asked for or the value is empty. */
export function placeOffset(place: Place, at: 'key' | 'value'): number {
  const key = place.key?.range?.[0];
  const value = isEmptyNode(place.value) ? undefined : place.value?.range?.[0];
  return (at === 'key' && place.isWhole ? (key ?? value) : (value ?? key)) ?? 0;
}

function isEmptyNode(node: Node | undefined): boolean {
  return isScalar(node) && node.value === null && node.source === '';
}
