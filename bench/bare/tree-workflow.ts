/** Parent and child written by hand: a node starts its children at once and adds up what they return. */
import {
  ParentClosePolicy,
  condition,
  defineQuery,
  defineUpdate,
  executeChild,
  setHandler,
  workflowInfo,
} from '@temporalio/workflow';
import {
  BARE_TREE_TYPE,
  CHILDREN,
  FINISH,
  type LeafReport,
  type TreeInput,
  type TreeResult,
} from './tree-messages.js';

const childrenQuery = defineQuery<readonly string[]>(CHILDREN);
const finishUpdate = defineUpdate<LeafReport, [LeafReport]>(FINISH);

/** One node: returns once all below it have. */
export async function tree(input: TreeInput): Promise<TreeResult> {
  const [fanout, ...below] = input.fanouts;
  if (fanout === undefined) return leaf();
  const { workflowId } = workflowInfo();
  const ids = Array.from({ length: fanout }, (_, index) => `${workflowId}/${String(index)}`);
  setHandler(childrenQuery, () => ids);
  const child: TreeInput = { feature_id: input.feature_id, fanouts: below };
  const results = await Promise.all(
    ids.map((id) =>
      executeChild<(input: TreeInput) => Promise<TreeResult>>(BARE_TREE_TYPE, {
        workflowId: id,
        args: [child],
        parentClosePolicy: ParentClosePolicy.TERMINATE,
        workflowTaskTimeout: '5s',
      }),
    ),
  );
  return { completed: results.reduce((sum, { completed }) => sum + completed + 1, 0) };
}

async function leaf(): Promise<TreeResult> {
  let report: LeafReport | null = null;
  setHandler(finishUpdate, (given) => {
    report = given;
    return given;
  });
  await condition(() => report !== null);
  return { completed: 0 };
}
