/** What `chatflow up` does. Loaded when it is asked for: it brings Temporal's native code along. */
import { resolve } from 'node:path';
import { ChatFlowError } from '../../core/errors.js';
import { loadConfig } from '../../platform/config.js';
import type { ChatFlowConfig } from '../../platform/config.js';
import { startEmbeddedServer } from '../../platform/embedded-server.js';
import type { EmbeddedServer } from '../../platform/embedded-server.js';
import { createLogger } from '../../platform/logging.js';
import type { Logger } from '../../platform/logging.js';
import type { CommandContext, Options } from './cli-command.js';
import { numberOption, textOption } from './command-options.js';
import { showControls } from './show-controls.js';
import type { StopSignals } from './stop-signals.js';
import { renderFields } from './table.js';

/** Temporal's own default: on it, no other command needs to be told. */
const DEFAULT_PORT = 7233;

/**
 * Runs the server and the worker until a signal comes, or one of them has ended.
 * @throws StopRequested where the signal came before all was ready; what had been started has ended then
 */
export async function runUp(context: CommandContext, options: Options, signals: StopSignals): Promise<void> {
  const config = readConfig(context, options);
  const log = createLogger({ level: config.log_level, format: config.log_format });
  const server = await context.wait('starting Temporal', () =>
    startServer(config, options, { log, signal: signals.abort }),
  );
  try {
    const { address, namespace } = server;
    const running = await context.wait('starting the worker', () =>
      context.dependencies.startWorker({ config, log, temporal: { address, namespace } }),
    );
    try {
      signals.abort.throwIfAborted();
      announce(context, { config, server, isDefaultDataDir: textOption(options, 'dataDir') === undefined });
      await Promise.race([signals.requested, running.done, failWhenGone(server)]);
    } finally {
      await running.stop();
    }
  } finally {
    await server.stop();
  }
}

/** `--data-dir` moves artifacts along with the state, as the variable does. */
function readConfig({ io }: CommandContext, options: Options): ChatFlowConfig {
  const dataDir = textOption(options, 'dataDir');
  if (dataDir === undefined) return loadConfig({ env: io.env, cwd: io.cwd });
  return loadConfig({ env: { ...io.env, CHATFLOW_DATA_DIR: resolve(io.cwd, dataDir) }, cwd: io.cwd });
}

function startServer(
  config: ChatFlowConfig,
  options: Options,
  wiring: { readonly log: Logger; readonly signal: AbortSignal },
): Promise<EmbeddedServer> {
  const port = numberOption(options, 'port') ?? DEFAULT_PORT;
  const uiPort =
    options['ui'] === false ? null : (numberOption(options, 'uiPort') ?? (port === 0 ? 0 : undefined));
  return startEmbeddedServer({
    dataDir: config.data_dir,
    port,
    ...(uiPort !== undefined && { uiPort }),
    retentionSec: config.retention_sec,
    ...wiring,
  });
}

interface Running {
  readonly config: ChatFlowConfig;
  readonly server: EmbeddedServer;
  readonly isDefaultDataDir: boolean;
}

function announce({ out }: CommandContext, { config, server, isDefaultDataDir }: Running): void {
  const ready = {
    temporal_address: server.address,
    namespace: server.namespace,
    temporal_ui_url: server.uiUrl,
    api_url: null,
    console_url: null,
    data_dir: config.data_dir,
  };
  out.item(ready, (shown) => {
    const exports = [
      ...(server.address.endsWith(`:${DEFAULT_PORT}`) ? [] : [`export TEMPORAL_ADDRESS=${server.address}`]),
      ...(isDefaultDataDir ? [] : [`export CHATFLOW_DATA_DIR=${shown.data_dir}`]),
    ];
    return [
      ...renderFields([
        ['Temporal', `${shown.temporal_address}, namespace ${shown.namespace}`],
        ['Web UI', shown.temporal_ui_url],
        ['Data', shown.data_dir],
        ['Server log', showControls(server.logFile)],
      ]),
      ...(exports.length === 0 ? [] : ['', 'In other terminals:', ...exports.map((line) => `  ${line}`)]),
    ].join('\n');
  });
  out.note('Ready. Ctrl-C ends all of it.');
}

async function failWhenGone(server: EmbeddedServer): Promise<never> {
  const { code, signal } = await server.exited;
  throw new ChatFlowError(
    'TemporalUnavailableError',
    `The Temporal server has ended (${signal ?? `code ${code}`}). Its log: ${server.logFile}`,
    { code, signal, log_file: server.logFile },
  );
}
