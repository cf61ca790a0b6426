/** What `chatflow up --json` says in its first line: that everything is ready, or why it is not. */
export interface Ready {
  readonly temporal_address: string;
  readonly namespace: string;
  readonly temporal_ui_url: string | null;
}

/** `chatflow up` has said why it does not start: another try would be answered alike, unless time mends it. */
export class EngineRefused extends Error {
  override readonly name = 'EngineRefused';
  /** The type of the error, such as `DataDirectoryInUseError`. */
  readonly type: string;

  constructor(type: string, message: string) {
    super(`${type}: ${message}`);
    this.type = type;
  }
}

/** Reads the line. @throws EngineRefused for an error document; Error for what is neither */
export function parseReadyLine(line: string): Ready {
  const document = parseObject(line);
  const error = document?.['error'];
  if (isRecord(error)) throw new EngineRefused(String(error['type']), String(error['message']));
  const { temporal_address, namespace, temporal_ui_url } = document ?? {};
  if (typeof temporal_address !== 'string' || typeof namespace !== 'string') {
    throw new Error(`it answered with a line that says neither that it is ready nor why not: ${line}`);
  }
  const uiUrl = typeof temporal_ui_url === 'string' ? temporal_ui_url : null;
  return { temporal_address, namespace, temporal_ui_url: uiUrl };
}

function parseObject(line: string): Readonly<Record<string, unknown>> | null {
  try {
    const value: unknown = JSON.parse(line);
    return isRecord(value) ? value : null;
  } catch {
    return null; // no JSON: the caller shows the line
  }
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null;
}
