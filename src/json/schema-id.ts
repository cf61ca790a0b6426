/** The id of a definition, `name` or `name@version`: one grammar for files, references and requests. */
export const SCHEMA_ID = /^([A-Za-z0-9_-]{1,128})(?:@v?([A-Za-z0-9][A-Za-z0-9.+-]{0,63}))?$/;
