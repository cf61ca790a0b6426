import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import {
  CONFIG_FILE,
  loadConfig,
  type ChatFlowConfig,
  type ConfigProblem,
} from '../../src/platform/config.js';
import { expectChatFlowError } from '../support/expect-chatflow-error.js';
import { temporaryFolder } from '../support/temporary-folder.js';

interface Given {
  readonly yaml?: string;
  readonly env?: Readonly<Record<string, string>>;
}

function folderWith(yaml: string | undefined): string {
  const cwd = temporaryFolder();
  if (yaml !== undefined) writeFileSync(join(cwd, CONFIG_FILE), yaml);
  return cwd;
}

function load({ yaml, env = {} }: Given): ChatFlowConfig & { readonly cwd: string } {
  const cwd = folderWith(yaml);
  return { ...loadConfig({ cwd, env }), cwd };
}

async function problemsOf({ yaml, env = {} }: Given): Promise<readonly ConfigProblem[]> {
  const cwd = folderWith(yaml);
  const error = await expectChatFlowError('ConfigurationError', () => loadConfig({ cwd, env }));
  return error.details['problems'] as unknown as readonly ConfigProblem[];
}

describe('the configuration', () => {
  it('needs no file', () => {
    const { cwd, ...config } = load({});
    expect(config).toEqual({
      file: null,
      data_dir: join(cwd, '.chatflow'),
      definitions: [join(cwd, 'definitions'), join(cwd, '.chatflow/definitions')],
      max_recursion_depth: 5,
      default_automation_level: 60,
      default_resource_quota: {},
      artifact_store: { type: 'file', root: join(cwd, '.chatflow/artifacts') },
      retention_sec: 365 * 86_400,
      commands: { allow: [], root: cwd },
      http: { allow_private: false },
      features: { subworkflows: true, http: true, commands: true, llm: true, webhooks: true },
      log_level: 'info',
      log_format: 'text',
    });
  });

  it('takes an empty file and one of comments only', () => {
    expect(load({ yaml: '' }).max_recursion_depth).toBe(5);
    expect(load({ yaml: '# nothing yet\n' }).max_recursion_depth).toBe(5);
  });

  it('reads every key of the file', () => {
    const { cwd, ...config } = load({
      yaml: [
        'data_dir: state',
        'definitions: [flows, /srv/flows]',
        'max_recursion_depth: 3',
        'default_automation_level: 10',
        'default_resource_quota: { max_tokens: 1000, max_cost_usd: 2.5 }',
        'artifact_store: { type: file, root: blobs }',
        'retention: 30d',
        'commands: { allow: [git, npm], root: work }',
        'http: { allow_private: [localhost, 10.0.0.0/8] }',
        'features: { llm: false }',
        'log_level: debug',
        'log_format: json',
        'plugins: []',
        'tenants: {}',
      ].join('\n'),
    });
    expect(config).toEqual({
      file: join(cwd, CONFIG_FILE),
      data_dir: join(cwd, 'state'),
      definitions: [join(cwd, 'flows'), '/srv/flows'],
      max_recursion_depth: 3,
      default_automation_level: 10,
      default_resource_quota: { max_tokens: 1000, max_cost_usd: 2.5 },
      artifact_store: { type: 'file', root: join(cwd, 'blobs') },
      retention_sec: 30 * 86_400,
      commands: { allow: ['git', 'npm'], root: join(cwd, 'work') },
      http: { allow_private: ['localhost', '10.0.0.0/8'] },
      features: { subworkflows: true, http: true, commands: true, llm: false, webhooks: true },
      log_level: 'debug',
      log_format: 'json',
    });
  });

  it('puts variables over the file', () => {
    const config = load({
      yaml: 'max_recursion_depth: 3\ndefault_automation_level: 10\n',
      env: {
        CHATFLOW_MAX_RECURSION_DEPTH: '2',
        CHATFLOW_DATA_DIR: '/var/lib/chatflow',
        CHATFLOW_DEFINITIONS: '[a, b]',
        CHATFLOW_FEATURES: '{ http: false }',
        CHATFLOW_RETENTION: '48h',
      },
    });
    expect(config.max_recursion_depth).toBe(2);
    expect(config.default_automation_level).toBe(10);
    expect(config.data_dir).toBe('/var/lib/chatflow');
    expect(config.definitions).toEqual([join(config.cwd, 'a'), join(config.cwd, 'b')]);
    expect(config.features.http).toBe(false);
    expect(config.retention_sec).toBe(48 * 3600);
  });

  it('takes names from variables as they are', () => {
    expect(load({ env: { CHATFLOW_DATA_DIR: '2026' } }).data_dir).toMatch(/\/2026$/);
  });

  it('resolves paths of a file from the folder of that file', () => {
    const cwd = temporaryFolder();
    mkdirSync(join(cwd, 'etc'));
    writeFileSync(join(cwd, 'etc/flow.yaml'), 'data_dir: state\n');
    const config = loadConfig({
      cwd,
      env: { CHATFLOW_CONFIG: 'etc/flow.yaml', CHATFLOW_DEFINITIONS: '[flows]' },
    });
    expect(config.data_dir).toBe(join(cwd, 'etc/state'));
    expect(config.definitions).toEqual([join(cwd, 'flows')]);
  });

  it('refuses a named file that does not exist', async () => {
    const cwd = temporaryFolder();
    const attempt = () => loadConfig({ cwd, env: { CHATFLOW_CONFIG: 'missing.yaml' } });
    const error = await expectChatFlowError('ConfigurationError', attempt);
    expect(error.message).toContain(join(cwd, 'missing.yaml'));
  });

  it('names every problem at once, each with its place', async () => {
    const problems = await problemsOf({
      yaml: 'max_recursion_depth: 0\nfeatures:\n  htttp: false\nretention: forever\ncommands: { allow: git }\n',
    });
    const places = problems.map(({ path, line, column }) => `${path}@${line}:${column}`);
    expect(places.sort()).toEqual([
      'commands.allow@5:20',
      'features.htttp@3:3',
      'max_recursion_depth@1:22',
      'retention@4:12',
    ]);
  });

  it('says in its message where each problem is and what is meant', async () => {
    const cwd = folderWith('data_dir: x\nmax_recursion_dept: 4\n');
    const error = await expectChatFlowError('ConfigurationError', () => loadConfig({ cwd, env: {} }));
    expect(error.message).toContain(
      `${join(cwd, CONFIG_FILE)}:2:1 max_recursion_dept: unknown key (did you mean max_recursion_depth?)`,
    );
  });

  it('names the variable that a bad value came from', async () => {
    const [problem, ...rest] = await problemsOf({ env: { CHATFLOW_DEFAULT_AUTOMATION_LEVEL: '101' } });
    expect(rest).toEqual([]);
    expect(problem?.file).toBe('CHATFLOW_DEFAULT_AUTOMATION_LEVEL');
    expect(problem?.path).toBe('default_automation_level');
  });

  it('refuses a misspelt variable and leaves those of others alone', async () => {
    const [problem] = await problemsOf({ env: { CHATFLOW_DATADIR: 'x' } });
    expect(problem).toMatchObject({ file: 'CHATFLOW_DATADIR', hint: 'did you mean CHATFLOW_DATA_DIR?' });
    const others = {
      CHATFLOW_PORT: 'tcp://10.0.0.1:80',
      CHATFLOW_SERVICE_HOST: '10.0.0.1',
      CHATFLOW_SECRET_TOKEN: 's',
    };
    expect(load({ env: others }).max_recursion_depth).toBe(5);
  });

  it.each([
    ['s3', 's3 is not supported by this version'],
    ['gcs', 'gcs is not supported by this version'],
    ['ftp', 'must be file'],
  ])('refuses the artifact store %s', async (type, words) => {
    const [problem] = await problemsOf({ yaml: `artifact_store: { type: ${type}, bucket: b }\n` });
    expect(problem?.path).toBe('artifact_store.type');
    expect(problem?.message).toContain(words);
  });

  it.each([
    ['plugins', 'plugins: [./mine.js]\n'],
    ['tenants', 'tenants: { acme: {} }\n'],
  ])('refuses %s, which a later version brings', async (path, yaml) => {
    const [problem] = await problemsOf({ yaml });
    expect(problem).toMatchObject({ path, message: `${path} are not supported by this version of ChatFlow` });
  });

  it.each([
    ['text that is no YAML', 'a: [1, 2\nb: }\n', 'must'],
    ['a list', '- a\n- b\n', 'must be a mapping'],
    ['a key given twice', 'data_dir: a\ndata_dir: b\n', 'unique'],
    ['a tag', 'data_dir: !!js/function x\n', 'tag'],
    ['an alias', 'definitions: &a [x]\nplugins: *a\n', 'alias'],
    ['__proto__ as a key', 'features: { __proto__: { http: false } }\n', '__proto__'],
    ['20,000 brackets', `definitions: ${'['.repeat(20_000)}`, 'nested deeper than 64'],
    ['a long chain of lists', `definitions:\n  ${'- '.repeat(5_000)}x\n`, 'nested deeper than 64'],
    ['a megabyte', `# ${'x'.repeat(1 << 20)}\n`, 'the limit is 262144'],
  ])('refuses %s', async (_name, yaml, words) => {
    const problems = await problemsOf({ yaml });
    expect(problems[0]?.message.toLowerCase()).toContain(words);
    expect(problems[0]?.line).toBeGreaterThan(0);
  });

  it.each(['59m', '4000d', '1y', '-1d', ''])('refuses the retention %j', async (retention) => {
    const [problem] = await problemsOf({ yaml: `retention: "${retention}"\n` });
    expect(problem?.message).toContain('365d');
  });
});
