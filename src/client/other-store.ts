/** The way out where the engine keeps its artifacts elsewhere than a client looks. */
export const OTHER_STORE =
  'where the engine has another data directory (its --data-dir), set CHATFLOW_DATA_DIR to it';
