/** Definitions: read, checked and normalised. zod and yaml live here only, and nothing here enters a workflow. */
export { checkDefinition } from './check-definition.js';
export type { CheckOptions, CheckResult } from './check-document.js';
export { definitionDigest } from './definition-digest.js';
export { definitionJsonSchema } from './definition-json-schema.js';
export type * from './definition.js';
export { DIAGNOSTIC_CODES, type DiagnosticCode } from './diagnostic-codes.js';
export type { Diagnostic, Severity } from './diagnostic.js';
export { formatDiagnostic } from './format-diagnostic.js';
export { DEFINITION_LIMITS } from './limits.js';
export { nearestName } from './nearest-name.js';
export { parseDefinition } from './parse-definition.js';
export type { AuthoredDefinition } from './schema/definition-schema.js';
export { validateInput, type ValidatedInput } from './validate-input.js';
