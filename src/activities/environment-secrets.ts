/** The one prefix that marks a variable as a secret: nothing else of the environment can be had by a definition. */
export const SECRET_PREFIX = 'CHATFLOW_SECRET_';

/**
 * Secrets from the worker's environment: `${secret:API_TOKEN}` is `CHATFLOW_SECRET_API_TOKEN`. Characters that
 * variables cannot have are read as `_`. Looked up at each use.
 */
export function environmentSecrets(
  environment: Readonly<Record<string, string | undefined>> = process.env,
): (name: string) => string | undefined {
  return (name) => environment[`${SECRET_PREFIX}${name.replace(/[^A-Za-z0-9_]/g, '_')}`];
}
