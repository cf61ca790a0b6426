/** The options of the workflow bundle: the same for the build, for tests and for replays. */
import { fileURLToPath } from 'node:url';
import type { BundleOptions } from '@temporalio/worker';

/**
 * A name of the global object is looked up through an interceptor in the sandbox, at some 150 ns each time; a constant
 * of the script is read at once (measured, ADR 8). Not among them: what the SDK replaces (Date, timers, WeakRef).
 */
const CONSTANT_GLOBALS = [
  'Array',
  'BigInt',
  'Boolean',
  'Error',
  'JSON',
  'Map',
  'Math',
  'Number',
  'Object',
  'Promise',
  'RangeError',
  'Reflect',
  'RegExp',
  'Set',
  'String',
  'Symbol',
  'TypeError',
  'Uint8Array',
  'WeakMap',
  'WeakSet',
];

/** The part of webpack's compiler that a banner needs. */
interface BannerCompiler {
  readonly webpack: {
    readonly BannerPlugin: new (options: { readonly banner: string; readonly raw: boolean }) => {
      apply(compiler: unknown): void;
    };
  };
}

const constantGlobals = {
  apply(compiler: BannerCompiler): void {
    const banner = `const { ${CONSTANT_GLOBALS.join(', ')} } = globalThis;`;
    new compiler.webpack.BannerPlugin({ banner, raw: true }).apply(compiler);
  },
};

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
      plugins: [...(config.plugins ?? []), constantGlobals],
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
