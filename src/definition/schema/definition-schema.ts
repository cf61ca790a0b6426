/** The one implementation of the language's shape. Types and the editors' JSON Schema come from it. */
import { z } from 'zod';
import { DOCUMENT_NAME, VERSION } from '../names.js';
import { phaseSchema } from './phases.js';
import { onFailure } from './rules.js';
import type { InlineDefinition } from './tasks.js';
import { automationLevel, expressionMap, jsonMap, phaseName, resourceQuota } from './values.js';

const inlineDefinition: z.ZodType<InlineDefinition> = z.lazy(
  // The schema gives this type's keys and more; naming it exactly would make the type refer to itself.
  () => definitionSchema as unknown as z.ZodType<InlineDefinition>,
);

export const definitionSchema = z
  .strictObject({
    $schema: z.string().optional().describe('For editors; the engine does not read it'),
    name: z
      .string()
      .regex(DOCUMENT_NAME, { error: 'the name of a definition has letters, digits, `-` and `_`' })
      .describe('The name by which the definition is started and referred to'),
    version: z
      .string()
      .regex(VERSION, { error: 'a version has letters, digits, `.`, `+` and `-`, and at most 64 characters' })
      .describe('A string, in quotes: "1.2"'),
    description: z.string().max(65_536).optional().describe('What the workflow is for'),
    automation_level: automationLevel.optional().describe('How much may happen without a person; default 60'),
    max_recursion_depth: z.int().min(1).optional().describe('How deep children may nest; default 5'),
    default_resource_quota: resourceQuota.optional(),
    on_quota_exceeded: z.enum(['fail', 'pause']).optional().describe('What reaching a quota does; default fail'),
    input: jsonMap.optional().describe('JSON Schema for initial_context; its top-level defaults are filled in first'),
    result: expressionMap.optional().describe('What a finished instance returns; default: its variables'),
    finally: phaseName.optional().describe('A phase that runs once at every end but terminate'),
    on_failure: onFailure.optional(),
    phases: z.array(phaseSchema(inlineDefinition)).min(1).describe('The phases, in order'),
  })
  .meta({ id: 'definition', title: 'ChatFlow definition', description: 'A workflow of phases and tasks' });

/** A definition as it is written. */
export type AuthoredDefinition = z.input<typeof definitionSchema>;
