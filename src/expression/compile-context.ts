import type { Step } from './frame.js';
import type { Node } from './syntax-tree.js';

/** Gives names their slots while a tree is compiled. */
export class SlotPlan {
  readonly roots: string[] = [];
  localCount = 0;

  rootSlot(name: string): number {
    const known = this.roots.indexOf(name);
    return known === -1 ? this.roots.push(name) - 1 : known;
  }

  /** A new slot for a variable of a macro. */
  localSlot(): number {
    return this.localCount++;
  }
}

/** What a node sees while it is compiled. */
export interface CompileContext {
  readonly plan: SlotPlan;
  /** The slots of the variables of the macros around the node. */
  readonly locals: ReadonlyMap<string, number>;
  /** Compiles a node below. */
  readonly compile: (node: Node, context: CompileContext) => Step;
}
