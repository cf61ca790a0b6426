/** From YAML nodes to JSON. What JSON or the language cannot carry becomes a finding at its place. */
import { isAlias, isMap, isScalar, isSeq } from 'yaml';
import type { Alias, Node, Pair, Scalar, YAMLMap, YAMLSeq } from 'yaml';
import { isForbiddenKey } from '../json/forbidden-key.js';
import type { Json } from '../json/json.js';
import { describeTag } from './compose-yaml.js';
import type { Finding, PathSegment } from './finding.js';
import { show } from './finding.js';
import { DEFINITION_LIMITS as LIMITS } from './limits.js';

export interface ReadNodes {
  /** What could be read, without what is reported; undefined where a limit ended the reading. */
  readonly value: Json | undefined;
  readonly findings: readonly Finding[];
  /** What each alias stands for. */
  readonly aliases: ReadonlyMap<Alias, Node>;
}

const CORE_TAG = /^tag:yaml\.org,2002:(str|int|float|bool|null|seq|map)$/;

/** Reads a composed document. Aliases are expanded, within the limit of values; a name means the anchor before it. */
export function readNodes(root: Node, text: string): ReadNodes {
  return new NodeReader(text).readRoot(root);
}

/** Ends the reading at a limit: what follows would only repeat it. */
class LimitPassed extends Error {}

class NodeReader {
  readonly #text: string;
  readonly #findings: Finding[] = [];
  readonly #anchors = new Map<string, Node>();
  readonly #aliases = new Map<Alias, Node>();
  /** Collections being read: an alias to one of them stands within what it names. */
  readonly #open = new Set<Node>();
  /** Where the reading stands. */
  readonly #path: PathSegment[] = [];
  #values = 0;
  /** Characters of all strings: aliases may repeat a long one. */
  #chars = 0;

  constructor(text: string) {
    this.#text = text;
  }

  readRoot(root: Node): ReadNodes {
    let value: Json | undefined;
    try {
      value = this.#read(root, 0);
    } catch (error) {
      if (!(error instanceof LimitPassed)) throw error;
    }
    return { value, findings: this.#findings, aliases: this.#aliases };
  }

  #read(node: unknown, depth: number): Json {
    if (isAlias(node)) return this.#readAlias(node, depth);
    this.#count(node);
    if (isScalar(node)) return this.#readScalar(node);
    if (!isMap(node) && !isSeq(node)) return null;
    this.#checkTag(node);
    if (node.anchor !== undefined) this.#anchors.set(node.anchor, node);
    if (depth >= LIMITS.maxDepth) {
      this.#stop('nested-too-deep', `Lists and maps are nested deeper than ${LIMITS.maxDepth} levels`, node);
    }
    this.#open.add(node);
    const value = isMap(node) ? this.#readMap(node, depth) : this.#readList(node, depth);
    this.#open.delete(node);
    return value;
  }

  #readAlias(alias: Alias, depth: number): Json {
    const target = this.#anchors.get(alias.source);
    if (!target) {
      const message = `No anchor &${alias.source} before`;
      this.#report('yaml-syntax', message, alias, "a text that begins with * stands in quotes: '…'");
      return null;
    }
    if (this.#open.has(target)) {
      const message = `*${alias.source} stands within what it names`;
      this.#report(
        'yaml-syntax',
        message,
        alias,
        'an alias names what stands whole before it, never a circle',
      );
      return null;
    }
    this.#aliases.set(alias, target);
    return this.#read(target, depth);
  }

  #readList(list: YAMLSeq, depth: number): Json {
    return list.items.map((item, index) => {
      this.#path.push(index);
      const value = this.#read(item, depth + 1);
      this.#path.pop();
      return value;
    });
  }

  #readMap(map: YAMLMap, depth: number): Json {
    if (map.items.length > LIMITS.maxKeys) {
      this.#stop('too-many-keys', `A map has ${map.items.length} keys, the limit is ${LIMITS.maxKeys}`, map);
    }
    const entries = new Map<string, Json>();
    for (const pair of map.items) this.#readPair(pair, entries, depth);
    return Object.fromEntries(entries);
  }

  #readPair(pair: Pair, entries: Map<string, Json>, depth: number): void {
    const key = this.#readKey(pair.key);
    this.#path.push(key ?? '?');
    const value = this.#read(pair.value, depth + 1);
    if (key !== undefined && entries.has(key)) {
      const message = `The key ${show(key)} stands twice in this map`;
      this.#report('duplicate-key', message, pair.key, 'keep one of them', 'nothing');
    } else if (key !== undefined) entries.set(key, value);
    this.#path.pop();
  }

  #readKey(key: unknown): string | undefined {
    this.#count(key);
    if (!isScalar(key)) {
      const hint = "quote the text: '…'";
      this.#reportKey('not-json', 'A key is a text, not a list, a map or an alias', key, hint);
      return undefined;
    }
    const text = typeof key.value === 'string' ? key.value : (key.source ?? '');
    // A tag in a flow map, where nothing is left of the key, has torn what stands before it too.
    if (text === '' && this.#checkTag(key)) return undefined;
    if (key.value === null && text === '') {
      this.#reportKey('yaml-syntax', 'A key is missing before the colon', key);
      return undefined;
    }
    if (text === '<<') {
      this.#reportKey(
        'yaml-unsupported',
        'Merge keys are not used in definitions',
        key,
        'write the keys out',
      );
      return undefined;
    }
    this.#path.push(text);
    const isAllowed = this.#checkKey(key, text);
    this.#path.pop();
    return isAllowed ? text : undefined;
  }

  #checkKey(key: Scalar, text: string): boolean {
    if (typeof key.value === 'string') this.#readScalar(key);
    else {
      const what = key.value === null ? 'null' : typeof key.value === 'boolean' ? 'a boolean' : 'a number';
      this.#report('not-json', `The key ${text} is ${what}, not a text`, key, `quote the key: "${text}"`);
    }
    if (!isForbiddenKey(text)) return true;
    this.#report('forbidden-key', `The key ${text} is not allowed`, key, 'choose another name');
    return false;
  }

  #readScalar(scalar: Scalar): Json {
    this.#checkTag(scalar);
    if (scalar.anchor !== undefined) this.#anchors.set(scalar.anchor, scalar);
    const { value } = scalar;
    if (typeof value === 'string') this.#countChars(value, scalar);
    if (value === null || typeof value === 'string' || typeof value === 'boolean') return value;
    if (typeof value !== 'number' || !Number.isFinite(value)) {
      const message = `${show(scalar.source ?? '')} is not a value of JSON`;
      this.#report('not-json', message, scalar, "write a number of at most 1.7e308, or quote the text: '…'");
      return null;
    }
    if (Number.isInteger(value) && !Number.isSafeInteger(value)) {
      this.#report('not-json', `The number ${show(value)} is beyond 2^53`, scalar, "quote it: '…'");
    }
    return value === 0 ? 0 : value;
  }

  /** Whether there is a tag that is none of YAML's own. */
  #checkTag(node: Node): boolean {
    if (node.tag === undefined || CORE_TAG.test(node.tag)) return false;
    const start = node.range?.[0] ?? 0;
    const at = this.#text.lastIndexOf('!', start);
    this.#findings.push({ ...describeTag(at === -1 ? start : at, this.#text), path: [...this.#path] });
    return true;
  }

  #count(node: unknown): void {
    this.#values += 1;
    if (this.#values <= LIMITS.maxValues) return;
    this.#stop('too-many-values', `The document has more than ${LIMITS.maxValues} keys and values`, node);
  }

  #countChars(value: string, node: Node): void {
    this.#chars += value.length;
    if (this.#chars <= LIMITS.maxBytes) return;
    this.#stop(
      'document-too-large',
      `With its aliases the document has more than ${LIMITS.maxBytes} bytes`,
      node,
    );
  }

  #stop(code: Finding['code'], message: string, node: unknown): never {
    this.#report(code, message, node);
    throw new LimitPassed();
  }

  #report(
    code: Finding['code'],
    message: string,
    node: unknown,
    hint?: string,
    hides?: Finding['hides'],
  ): void {
    const textOffset = offsetOf(node);
    const path = [...this.#path];
    this.#findings.push({
      ...{ code, message, path, textOffset },
      ...(hint === undefined ? {} : { hint }),
      ...(hides === undefined ? {} : { hides }),
    });
  }

  /** A key that cannot be read: the map lacks it, and whatever else stands in the map is as it is. */
  #reportKey(code: Finding['code'], message: string, node: unknown, hint?: string): void {
    this.#report(code, message, node, hint, 'missing');
  }
}

function offsetOf(node: unknown): number {
  return (node as Partial<Node> | null | undefined)?.range?.[0] ?? 0;
}
