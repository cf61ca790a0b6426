/**
 * Which way imports may go: the table of docs/architecture.md as rules. What a folder may import is listed; anything
 * else is an error. `import type` is free where a line says so.
 */
const HERE = '^src/';

/** A folder's allow list: anything from `from` that resolves outside `to` (values) and `types` (types) is refused. */
function only(folder, to, types = []) {
  const from = `${HERE}${folder}/`;
  const allowed = [from, ...to];
  return [
    {
      name: `${folder}-imports`,
      comment: `src/${folder} may import values only from: ${allowed.join(', ')}`,
      severity: 'error',
      from: { path: from },
      to: { pathNot: allowed, dependencyTypesNot: ['type-only'] },
    },
    {
      name: `${folder}-type-imports`,
      comment: `src/${folder} may import types only from: ${[...allowed, ...types].join(', ')}`,
      severity: 'error',
      from: { path: from },
      to: { pathNot: [...allowed, ...types], dependencyTypes: ['type-only'] },
    },
  ];
}

const src = (...folders) => folders.map((folder) => `${HERE}${folder}/`);
const npm = (...names) => names.map((name) => `node_modules/${name}/`);
const NODE =
  '^(node:|fs|path|os|url|util|crypto|net|http|https|child_process|stream|timers|events|dns|zlib|readline)';
const CEL = '@marcbachmann/cel-js';

module.exports = {
  forbidden: [
    {
      name: 'no-cycles',
      comment: 'Types may name each other; values may not load each other.',
      severity: 'error',
      from: {},
      to: { circular: true, viaOnly: { dependencyTypesNot: ['type-only'] } },
    },
    {
      name: 'no-undeclared-package',
      comment: 'A package of production code stands under "dependencies".',
      severity: 'error',
      from: { path: '^(src|worker\\.ts)' },
      to: { dependencyTypes: ['npm-dev', 'npm-no-pkg', 'npm-unknown'], dependencyTypesNot: ['type-only'] },
    },
    { name: 'not-resolvable', severity: 'error', from: {}, to: { couldNotResolve: true } },
    ...only('json', npm('@cfworker/json-schema', '@noble/hashes', 'canonicalize')),
    ...only('expression', [...src('json'), ...npm(CEL, '@bufbuild/re2')]),
    ...only('definition', [
      ...src('json', 'expression'),
      `${HERE}core/errors`,
      ...npm('zod', 'yaml', 'semver', CEL),
    ]),
    ...only('core', src('json', 'expression'), src('definition')),
    ...only(
      'workflows',
      [...src('json', 'core'), ...npm('@temporalio/workflow', '@temporalio/common')],
      src('definition', 'activities', 'expression'),
    ),
    ...only('artifacts', [...src('json'), `${HERE}core/errors`, NODE], src('core')),
    ...only(
      'plugins',
      [...src('json', 'artifacts'), `${HERE}core/errors`, NODE],
      src('definition', 'core', 'activities'),
    ),
    ...only(
      'activities',
      [
        ...src('json', 'artifacts', 'plugins', 'definition'),
        `${HERE}core/(errors|limits|left-behind)`,
        ...npm('@temporalio/activity', '@temporalio/common', '@temporalio/client', 'p-map'),
        NODE,
      ],
      [...src('core'), `${HERE}workflows/messages`, ...npm('@temporalio/worker')],
    ),
    ...only(
      'client',
      [
        ...src('json', 'definition', 'core', 'artifacts', 'platform'),
        `${HERE}workflows/(messages|search-attributes)`,
        ...npm('@temporalio/client', '@temporalio/common', 'p-map'),
        NODE,
      ],
      [...src('expression'), ...npm('@grpc/grpc-js')],
    ),
    ...only(
      'platform',
      [
        ...src('json', 'definition'),
        `${HERE}core/errors`,
        `${HERE}workflows/search-attributes`,
        ...npm('@temporalio/(client|common|worker|envconfig)', 'zod', 'yaml', 'semver', 'picocolors'),
        NODE,
      ],
      [`${HERE}core/shapes`],
    ),
    {
      name: 'surfaces-imports',
      comment: 'A surface decodes, calls the client and encodes. Its main.ts wires, and may import anything.',
      severity: 'error',
      from: { path: `${HERE}surfaces/([^/]+)/`, pathNot: '/main\\.ts$' },
      to: {
        pathNot: [
          `${HERE}surfaces/$1/`,
          ...src('client', 'definition', 'platform', 'json'),
          `${HERE}core/(errors|shapes)`,
          `${HERE}workflows/(messages|search-attributes)`,
          NODE,
          'node_modules/(?!@temporalio/)',
        ],
      },
    },
    {
      name: 'surfaces-never-temporal',
      severity: 'error',
      from: { path: `${HERE}surfaces/`, pathNot: '/main\\.ts$' },
      to: { path: 'node_modules/@temporalio/' },
    },
    {
      name: 'workflow-bundle-stays-lean',
      comment: 'zod and yaml would triple the workflow bundle that every worker holds in memory.',
      severity: 'error',
      from: { path: `${HERE}workflows/index` },
      to: { reachable: true, path: 'node_modules/(zod|yaml)/' },
    },
  ],
  options: {
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
    doNotFollow: { path: 'node_modules' },
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['import', 'node', 'default', 'types'],
    },
  },
};
