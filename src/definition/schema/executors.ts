/** What runs an executor task: exactly one kind. */
import { z } from 'zod';
import { jsonMap, jsonValue } from './values.js';

export const HTTP_METHODS = ['GET', 'POST', 'PUT', 'PATCH', 'DELETE', 'HEAD'] as const;

const template = z.string().min(1);

const activityExecutor = z.strictObject({
  activity: z
    .string()
    .min(1)
    .max(255)
    .describe("A Temporal activity's name; names beginning `chatflow.` are the engine's"),
  task_queue: z.string().min(1).max(255).optional().describe('The task queue of the worker that registers it'),
  input: jsonValue.optional().describe("The activity's argument: JSON, every string a template"),
});

const httpCall = z.strictObject({
  url: template.describe('http:// or https://; a template'),
  method: z.enum(HTTP_METHODS).optional().describe('Default: POST with a body, else GET'),
  headers: z.record(z.string().min(1), template).optional().describe('Templates; `${secret:NAME}` may stand in them'),
  body: jsonValue.optional().describe('Sent as JSON; every string a template'),
  expect_status: z
    .array(z.int().min(100).max(599))
    .min(1)
    .optional()
    .describe('Statuses that count as success; default 200-299'),
});

const httpExecutor = z.strictObject({ http: httpCall.describe('An HTTP call') });

const commandExecutor = z.strictObject({
  command: z
    .array(z.string())
    .min(1)
    .describe('A program and its arguments, without a shell; each element one argument, a template'),
  cwd: template.optional().describe("A folder relative to the worker's configured root"),
  env: z.record(z.string().min(1), z.string()).optional().describe('Environment variables: templates'),
  stdin: z.string().optional().describe('What the program reads: a template'),
});

const llmExecutor = z.strictObject({ llm: jsonMap.describe('A model call: every string a template') });

export const executor = z
  .union([activityExecutor, httpExecutor, commandExecutor, llmExecutor])
  .meta({ id: 'executor', description: 'What runs the task: an activity, an HTTP call, a program or a model' });
