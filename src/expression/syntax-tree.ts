/** The syntax of an expression as this folder sees it: CEL with its macros told apart, free of the parser's own types. */

/** Where a node stands in the source, in UTF-16 units; `end` is the first unit behind it. */
export interface Span {
  readonly start: number;
  readonly end: number;
}

export type BinaryOperator = '+' | '-' | '*' | '/' | '%' | '==' | '!=' | '<' | '<=' | '>' | '>=' | 'in';

export type MacroName = 'all' | 'exists' | 'exists_one' | 'map' | 'filter';

export type Literal = null | boolean | number | bigint | string;

interface Nodes {
  /** A double is a number, an int a bigint. */
  literal: { readonly value: Literal };
  name: { readonly name: string };
  /** `a.b`, `a.?b` */
  select: { readonly operand: Node; readonly field: string; readonly optional: boolean };
  /** `a[b]`, `a[?b]` */
  index: { readonly operand: Node; readonly index: Node; readonly optional: boolean };
  /** `has(a.b)` */
  has: { readonly operand: Node; readonly field: string };
  /** `f(x)`, or `x.f(y)` with the receiver as the first argument. */
  call: { readonly name: string; readonly isMethod: boolean; readonly args: readonly Node[] };
  /** `list.all(x, p)` and the like; `filter` is the middle argument of a three-part `map`. */
  macro: {
    readonly macro: MacroName;
    readonly range: Node;
    readonly variable: string;
    readonly filter?: Node;
    readonly body: Node;
  };
  /** `a.orValue(b)`, `a.or(b)`: the fallback is evaluated only when needed. */
  fallback: { readonly operand: Node; readonly fallback: Node; readonly unwraps: boolean };
  /** `a.optMap(x, b)`, `a.optFlatMap(x, b)` */
  optional_map: {
    readonly operand: Node;
    readonly variable: string;
    readonly body: Node;
    readonly wraps: boolean;
  };
  list: { readonly items: readonly Node[] };
  map: { readonly entries: readonly (readonly [Node, Node])[] };
  conditional: { readonly condition: Node; readonly then: Node; readonly otherwise: Node };
  logic: { readonly operator: '&&' | '||'; readonly left: Node; readonly right: Node };
  not: { readonly operand: Node };
  negate: { readonly operand: Node };
  binary: { readonly operator: BinaryOperator; readonly left: Node; readonly right: Node };
}

export type NodeType = keyof Nodes;

/** One node of a given type. */
export type NodeOf<K extends NodeType> = { readonly type: K } & Nodes[K] & Span;

/** Any node; a union on `type`. */
export type Node = { [K in NodeType]: NodeOf<K> }[NodeType];

/** The nodes right below a node, in the order of the source. */
export function childrenOf(node: Node): readonly Node[] {
  switch (node.type) {
    case 'literal':
    case 'name':
      return [];
    case 'select':
    case 'has':
    case 'not':
    case 'negate':
      return [node.operand];
    case 'index':
      return [node.operand, node.index];
    case 'call':
      return node.args;
    case 'macro':
      return node.filter === undefined ? [node.range, node.body] : [node.range, node.filter, node.body];
    case 'fallback':
      return [node.operand, node.fallback];
    case 'optional_map':
      return [node.operand, node.body];
    case 'list':
      return node.items;
    case 'map':
      return node.entries.flat();
    case 'conditional':
      return [node.condition, node.then, node.otherwise];
    case 'logic':
    case 'binary':
      return [node.left, node.right];
  }
}
