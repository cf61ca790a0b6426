import { Fault } from '../fault.js';
import type { KindSemantics } from './kind-semantics.js';

/** A child instance. Its place is kept: until trees are there, such a task fails with a reason. */
export const subworkflow: KindSemantics = {
  waits: 'children',
  answeredBy: 'full-name',
  begin: (_turn, task) => {
    throw new Fault({
      type: 'FeatureDisabledError',
      message: `Subworkflows are not part of this version [task=${task.id}]`,
      details: { feature: 'subworkflows' },
    });
  },
};
