/** The tenant of an instance that does not say. */
export const DEFAULT_TENANT = 'default';
