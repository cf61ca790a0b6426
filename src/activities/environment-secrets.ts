/** The one prefix that marks a variable as a secret: nothing else of the environment can be had by a definition. */
export const SECRET_PREFIX = 'CHATFLOW_SECRET_';

/** Shorter values are in every output by chance. */
const MIN_SECRET_CHARS = 4;

/** Every secret that `environmentSecrets` could give, by name, for whoever has to blot them out. */
export function listEnvironmentSecrets(
  environment: Readonly<Record<string, string | undefined>>,
): ReadonlyMap<string, string> {
  const secrets = new Map<string, string>();
  for (const [name, value = ''] of Object.entries(environment)) {
    if (!name.startsWith(SECRET_PREFIX) || value.length < MIN_SECRET_CHARS) continue;
    secrets.set(name.slice(SECRET_PREFIX.length), value);
  }
  return secrets;
}

/**
 * Secrets from the worker's environment: `${secret:API_TOKEN}` is `CHATFLOW_SECRET_API_TOKEN`. Characters that
 * variables cannot have are read as `_`. Looked up at each use.
 */
export function environmentSecrets(
  environment: Readonly<Record<string, string | undefined>> = process.env,
): (name: string) => string | undefined {
  return (name) => environment[`${SECRET_PREFIX}${name.replace(/[^A-Za-z0-9_]/g, '_')}`];
}
