/** All workflows written by hand, for their bundle. */
export { feature } from './workflow.js';
export { tree } from './tree-workflow.js';
