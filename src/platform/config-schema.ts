/** What chatflow.config.yaml may say: the schema is the only description, docs/operations.md is written from it. */
import { z } from 'zod';

/** Switches for what a team wants off. What is off is refused with FeatureDisabledError, in the worker too. */
export const FEATURES = ['subworkflows', 'http', 'commands', 'llm', 'webhooks'] as const;

export type Feature = (typeof FEATURES)[number];

const HOUR_SEC = 3600;
const TEN_YEARS_SEC = 10 * 365 * 24 * HOUR_SEC;
const UNIT_SEC: Readonly<Record<string, number>> = {
  s: 1,
  m: 60,
  h: HOUR_SEC,
  d: 24 * HOUR_SEC,
  w: 7 * 24 * HOUR_SEC,
};

/** `365d` and the like, in seconds. */
const retention = z.string().transform((text, context) => {
  const match = /^(\d+)([smhdw])$/.exec(text);
  const seconds = match === null ? NaN : Number(match[1]) * (UNIT_SEC[match[2]!] ?? NaN);
  if (seconds >= HOUR_SEC && seconds <= TEN_YEARS_SEC) return seconds;
  context.addIssue({ code: 'custom', message: 'must be a duration between 1h and 3650d, such as 365d' });
  return z.NEVER;
});

const artifactStore = z
  .looseObject({ type: z.string().default('file'), root: z.string().min(1).optional() })
  .superRefine((store, context) => {
    const later = store.type === 's3' || store.type === 'gcs';
    const message = later
      ? `${store.type} is not supported by this version of ChatFlow; use type: file`
      : `must be file, not ${JSON.stringify(store.type)}`;
    if (store.type !== 'file') context.addIssue({ code: 'custom', path: ['type'], message });
    const unknown = Object.keys(store).filter((key) => key !== 'type' && key !== 'root');
    if (unknown.length > 0 && !later) {
      context.addIssue({ code: 'unrecognized_keys', keys: unknown, input: store, message: 'unknown key' });
    }
  });

const quota = z.strictObject({
  max_tokens: z.int().positive().exactOptional(),
  max_duration_sec: z.number().positive().exactOptional(),
  max_cost_usd: z.number().positive().exactOptional(),
  max_children: z.int().nonnegative().exactOptional(),
});

/** A place that later versions fill: nobody should believe that it already has an effect. */
const later = (what: string) =>
  z
    .union([z.array(z.unknown()), z.record(z.string(), z.unknown())])
    .refine(
      (value) => Object.keys(value).length === 0,
      `${what} are not supported by this version of ChatFlow`,
    )
    .optional();

const switches = Object.fromEntries(FEATURES.map((feature) => [feature, z.boolean().default(true)])) as {
  readonly [feature in Feature]: z.ZodDefault<z.ZodBoolean>;
};

/** The file's content; paths are as written, `load-config` resolves them. */
export const configSchema = z.strictObject({
  data_dir: z.string().min(1).default('.chatflow'),
  definitions: z.array(z.string().min(1)).default(['definitions', '.chatflow/definitions']),
  max_recursion_depth: z.int().min(1).max(100).default(5),
  default_automation_level: z.int().min(0).max(100).default(60),
  default_resource_quota: quota.default({}),
  artifact_store: artifactStore.prefault({}),
  retention: retention.prefault('365d'),
  commands: z
    .strictObject({ allow: z.array(z.string().min(1)).default([]), root: z.string().min(1).optional() })
    .prefault({}),
  http: z
    .strictObject({ allow_private: z.union([z.boolean(), z.array(z.string().min(1))]).default(false) })
    .prefault({}),
  features: z.strictObject(switches).prefault({}),
  log_level: z.enum(['debug', 'info', 'warn', 'error']).default('info'),
  log_format: z.enum(['text', 'json']).default('text'),
  plugins: later('plugins'),
  tenants: later('tenants'),
});

export type ConfigKey = keyof typeof configSchema.shape;

/** Every key of the file, which in capitals after `CHATFLOW_` is a variable too. */
export const CONFIG_KEYS = Object.keys(configSchema.shape) as readonly ConfigKey[];

export type ParsedConfig = z.output<typeof configSchema>;
