/** The options of the workflow bundle: the same for the build, for tests and for replays. */
import { fileURLToPath } from 'node:url';
import type { BundleOptions } from '@temporalio/worker';

/**
 * Options for `bundleWorkflowCode`.
 * @param folder the folder `src/workflows/`, of the sources or compiled, with a slash at its end
 * @param extension of the files there
 */
export function workflowBundleOptions(folder: URL, extension: '.ts' | '.js'): BundleOptions {
  const file = (name: string): string => fileURLToPath(new URL(`${name}${extension}`, folder));
  return {
    workflowsPath: file('index'),
    payloadConverterPath: file('payload-converter'),
    preloadModules: [file('preloaded')],
    // The sources import each other by the names that they have once they are compiled.
    webpackConfigHook: (config) => ({
      ...config,
      resolve: { ...config.resolve, extensionAlias: { '.js': ['.ts', '.js'] } },
      optimization: {
        ...config.optimization,
        concatenateModules: true,
        providedExports: true,
        usedExports: true,
        moduleIds: 'named',
      },
    }),
  };
}
