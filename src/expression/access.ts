/** Reading from maps and lists: own properties only, and never `__proto__`, `constructor` or `prototype`. */
import { isForbiddenKey } from '../json/forbidden-key.js';
import type { JsonObject } from '../json/json.js';
import type { ExpressionBudget } from './expression-budget.js';
import { COST } from './limits.js';
import { elementsOf, Fault, isMap, nameKind, Optional } from './value.js';
import type { MapKey, Value } from './value.js';

/** What stands under a key or an index; undefined where nothing does, a fault where nothing could. */
export function lookUp(container: Value, key: Value): Value | undefined {
  const elements = elementsOf(container);
  if (elements !== undefined) return lookUpElement(elements, key);
  if (!isMap(container)) return new Fault(`${describeKey(key)} cannot be read from ${nameKind(container)}`);
  if (typeof key === 'string' && isForbiddenKey(key)) return new Fault(`The key ${key} is not allowed`);
  if (container instanceof Map) return lookUpMade(container, key);
  return typeof key === 'string' ? lookUpProperty(container as JsonObject, key) : badKey(key);
}

/** `a.b` and `a[b]`: a fault where there is nothing. On an optional it yields an optional. */
export function read(container: Value, key: Value): Value {
  if (container instanceof Optional) return readOptional(container, key);
  const found = lookUp(container, key);
  return found === undefined ? missing(container, key) : found;
}

/** `a.?b` and `a[?b]`: an empty optional where there is nothing, and on null. */
export function readOptional(container: Value, key: Value): Value {
  const inner = container instanceof Optional ? container.value : container;
  if (inner === undefined || inner === null) return Optional.none;
  const found = lookUp(inner, key);
  if (found === undefined) return Optional.none;
  return found instanceof Fault ? found : new Optional(found);
}

/** `has(a.b)` */
export function hasField(container: Value, field: string): Value {
  const inner = container instanceof Optional ? container.value : container;
  if (inner === undefined) return false;
  if (!isMap(inner)) return new Fault(`has() cannot look for ${field} in ${nameKind(inner)}`);
  const found = lookUp(inner, field);
  return found instanceof Fault ? found : found !== undefined;
}

/** How many elements a map has. Priced by its keys. */
export function countEntries(map: JsonObject | ReadonlyMap<MapKey, Value>, budget: ExpressionBudget): number {
  return map instanceof Map ? map.size : keysOf(map as JsonObject, budget).length;
}

/** What a macro runs over: the elements of a list, the keys of a map. The keys are priced. */
export function iterate(range: Value, budget: ExpressionBudget): readonly Value[] | Fault {
  const elements = elementsOf(range);
  if (elements !== undefined) return elements;
  if (!isMap(range))
    return range instanceof Fault ? range : new Fault(`${nameKind(range)} is no list or map`);
  if (!(range instanceof Map)) return keysOf(range as JsonObject, budget);
  budget.spend(range.size * COST.key);
  return [...(range as ReadonlyMap<MapKey, Value>).keys()];
}

/** The form in which a value is looked up as the key of a made map; a fault for what can be none. */
export function toMapKey(key: Value): MapKey | Fault {
  if (typeof key === 'string' || typeof key === 'bigint' || typeof key === 'boolean') return key;
  if (typeof key === 'number' && Number.isInteger(key)) return BigInt(key);
  return key instanceof Fault ? key : new Fault(`${nameKind(key)} cannot be the key of a map`);
}

/** The keys of a JSON object that expressions see. */
export function keysOf(map: JsonObject, budget: ExpressionBudget): readonly string[] {
  const keys = Object.keys(map);
  budget.spend(keys.length * COST.key);
  return keys.filter((key) => map[key] !== undefined && !isForbiddenKey(key));
}

function lookUpElement(list: readonly Value[], key: Value): Value | undefined {
  const index = typeof key === 'bigint' ? Number(key) : key;
  if (typeof index !== 'number' || !Number.isInteger(index)) {
    return new Fault(`A list is indexed by a whole number, not by ${nameKind(key)}`);
  }
  return list[index];
}

function lookUpMade(map: ReadonlyMap<MapKey, Value>, key: Value): Value | undefined {
  const found = toMapKey(key);
  return found instanceof Fault ? found : map.get(found);
}

function lookUpProperty(map: JsonObject, key: string): Value | undefined {
  return Object.hasOwn(map, key) ? map[key] : undefined;
}

/** The keys of JSON are strings, so another kind of key finds nothing; what can be no key at all is a fault. */
function badKey(key: Value): Fault | undefined {
  const checked = toMapKey(key);
  return checked instanceof Fault ? checked : undefined;
}

function missing(container: Value, key: Value): Fault {
  const elements = elementsOf(container);
  if (elements === undefined) return new Fault(`No such key: ${describeKey(key)}`);
  return new Fault(`Index ${String(key)} is out of range: the list has ${elements.length} elements`);
}

const SHOWN_KEY_CHARS = 100;

function describeKey(key: Value): string {
  if (typeof key === 'string') return key.slice(0, SHOWN_KEY_CHARS);
  return typeof key === 'object' ? nameKind(key) : String(key);
}
