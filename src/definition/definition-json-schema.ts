import { z } from 'zod';
import type { JsonObject } from '../json/json.js';
import { definitionSchema } from './schema/definition-schema.js';

/**
 * The JSON Schema of definitions for editors: draft-7, which YAML editors read best. Committed as
 * schema/chatflow.schema.json, and held to this by a test.
 */
export function definitionJsonSchema(): JsonObject {
  // Any JSON stands where the schema asks for a custom type, so nothing is lost by leaving it open.
  return z.toJSONSchema(definitionSchema, {
    target: 'draft-7',
    io: 'input',
    unrepresentable: 'any',
  }) as JsonObject;
}
