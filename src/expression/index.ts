/** CEL expressions and templates: parsed and checked in the client, evaluated in the workflow. */
export { evaluateExpression, evaluateExpressionMap } from './evaluate-expression.js';
export { ExpressionBudget } from './expression-budget.js';
export { ExpressionFailure } from './expression-failure.js';
export type { ExpressionProblem } from './expression-problem.js';
export type { Scope } from './frame.js';
export { MAX_VALUE_BYTES, MAX_VALUE_ELEMENTS } from './limits.js';
export { parseExpression } from './parse-expression.js';
export { parseTemplate } from './parse-template.js';
export type { ParsedTemplate, TemplatePart } from './parse-template.js';
export type { Comparison, ParsedExpression, Reference } from './parsed-expression.js';
export { renderTemplate } from './render-template.js';
export type { RenderOptions } from './render-template.js';
