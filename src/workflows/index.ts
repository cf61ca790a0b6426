/** The workflow bundle's entry: nothing but the workflow itself. */
export { chatflow } from './chat-flow.js';
