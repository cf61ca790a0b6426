import { chmod, mkdir, readFile, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { Info } from '@temporalio/activity';
import { createCommandActivity } from '../../src/activities/command.js';
import type { ActivityDependencies } from '../../src/activities/activity-dependencies.js';
import type { CommandActivityInput, CommandActivityResult } from '../../src/activities/activity-types.js';
import { temporaryFolder } from '../artifacts/temporary-folder.js';
import { makeDependencies, makeEnvironment, runActivity } from './support.js';

const ALLOWED = ['node', 'sh', 'printf', 'cat', 'pwd', 'env', 'sleep', 'tool'];

type Own = Partial<Pick<ActivityDependencies, 'environment' | 'killGraceMs'>>;

async function makeCaller(own: Own = {}): Promise<{
  readonly root: string;
  readonly activity: (input: CommandActivityInput) => Promise<CommandActivityResult>;
  readonly call: (
    command: readonly string[],
    input?: object,
    info?: Partial<Info>,
  ) => Promise<CommandActivityResult>;
}> {
  const root = await temporaryFolder();
  const activity = createCommandActivity(
    makeDependencies({ ...own, config: { commands: { allow: ALLOWED, root } } }),
  );
  return {
    root,
    activity,
    call: (command, input, info) => runActivity(activity, { command, ...input }, info),
  };
}

describe('a command executor', () => {
  it('runs a program and returns what it wrote', async () => {
    const { call } = await makeCaller();
    const script = 'console.log("out"); console.error("err")';
    expect(await call(['node', '-e', script])).toEqual({ exit_code: 0, stdout: 'out\n', stderr: 'err\n' });
  });

  it('gives each argument to the program as it is: there is no shell', async () => {
    const { call, root } = await makeCaller();
    const args = ['a b', '$(touch pwned)', '; touch pwned', '`touch pwned`', '*', "'", '"', '\\', '', 'ü\n'];
    const result = await call([
      'node',
      '-e',
      'console.log(JSON.stringify(process.argv.slice(1)))',
      '--',
      ...args,
    ]);
    expect(result.json).toEqual(args);
    await expect(readFile(join(root, 'pwned'))).rejects.toThrow(/ENOENT/);
  });

  it('parses stdout where the whole of it is a JSON document that can be kept', async () => {
    const { call } = await makeCaller();
    expect((await call(['printf', '%s', ' {"files": [1, 2]} '])).json).toEqual({ files: [1, 2] });
    for (const text of ['{"a":1} x', '12', '{"__proto__":{"a":1}}', '[9007199254740993]', '']) {
      const result = await call(['printf', '%s', text]);
      expect(result).not.toHaveProperty('json');
      expect(result.stdout).toBe(text);
    }
  });

  it('passes stdin, and does not mind a program that leaves it unread', async () => {
    const { call } = await makeCaller();
    expect((await call(['cat'], { stdin: 'häll' })).stdout).toBe('häll');
    expect((await call(['printf', 'x'], { stdin: 'y'.repeat(1_000_000) })).stdout).toBe('x');
  });

  it('keeps the last 64 kB of each output, cut between characters', async () => {
    const { call } = await makeCaller();
    const script = `process.stdout.write('ü'.repeat(50000) + 'end'); process.stderr.write('e'.repeat(65536))`;
    const result = await call(['node', '-e', script]);
    expect(result.stdout).toBe(`${'ü'.repeat(32766)}end`);
    expect(result.stdout_truncated).toBe(true);
    expect(result.stderr).toBe('e'.repeat(65536));
    expect(result).not.toHaveProperty('stderr_truncated');
  });

  it('fails with CommandFailedError on another exit code or a signal, the ends of its output with it', async () => {
    const { call } = await makeCaller();
    await expect(call(['sh', '-c', 'echo fine; echo broken >&2; exit 3'])).rejects.toMatchObject({
      type: 'CommandFailedError',
      message: 'sh ended with exit code 3',
      details: { program: 'sh', exit_code: 3, stdout: 'fine\n', stderr: 'broken\n' },
    });
    await expect(call(['sh', '-c', 'kill -9 $$'])).rejects.toMatchObject({
      type: 'CommandFailedError',
      details: { exit_code: null, signal: 'SIGKILL' },
    });
  });

  it.each<[string, object]>([
    ['no list', { command: 'sh -c x' }],
    ['an empty list', { command: [] }],
    ['an argument that is a map', { command: ['sh', {}] }],
    ['an argument with NUL', { command: ['printf', 'a\0b'] }],
    ['a variable with a bad name', { command: ['env'], env: { 'A=B': 'c' } }],
    ['a variable with NUL', { command: ['env'], env: { A: 'a\0b' } }],
    ['env that is a list', { command: ['env'], env: [] }],
    ['stdin that is a map', { command: ['cat'], stdin: {} }],
  ])('refuses %s', async (_, input) => {
    const { call } = await makeCaller();
    await expect(call(['env'], input)).rejects.toMatchObject({ type: 'InvalidInputError' });
  });

  it('refuses arguments that are too long for the system', async () => {
    const { call } = await makeCaller();
    await expect(call(['printf', 'x'.repeat(3_000_000)])).rejects.toMatchObject({
      type: 'PayloadTooLargeError',
    });
  });
});

describe('which programs run', () => {
  it('is none until the configuration allows it, and the refusal says how', async () => {
    const activity = createCommandActivity(makeDependencies());
    await expect(runActivity(activity, { command: ['git', 'status'] })).rejects.toMatchObject({
      type: 'FeatureDisabledError',
      message: expect.stringContaining('commands: { allow: [git] }') as string,
      details: { config: 'commands.allow', program: 'git' },
    });
  });

  it('is none where the feature is switched off', async () => {
    const config = {
      features: { subworkflows: true, http: true, commands: false, llm: true },
      commands: { allow: ['sh'], root: '/' },
    };
    const activity = createCommandActivity(makeDependencies({ config }));
    await expect(runActivity(activity, { command: ['sh', '-c', 'true'] })).rejects.toMatchObject({
      type: 'FeatureDisabledError',
      details: { config: 'features.commands' },
    });
  });

  it.each([
    './tool',
    '../tool',
    '/bin/sh',
    'bin/tool',
    'tool ',
    ' tool',
    'TOOL',
    'tool\0',
    '',
    'rm',
    '-x',
    '.',
  ])('is never another one than the name says: %j', async (program) => {
    const { root, call } = await makeCaller();
    await writeFile(join(root, 'tool'), '#!/bin/sh\ntouch ran\n');
    await chmod(join(root, 'tool'), 0o755);
    await expect(call([program])).rejects.toMatchObject({
      type: expect.stringMatching(/FeatureDisabledError|InvalidInputError/) as string,
    });
    await expect(readFile(join(root, 'ran'))).rejects.toThrow(/ENOENT/);
  });

  it('is looked up in the absolute folders of PATH only, first come first served', async () => {
    const folder = await temporaryFolder();
    for (const [name, mode] of [
      ['one', 0o644],
      ['two', 0o755],
      ['three', 0o755],
    ] as const) {
      await mkdir(join(folder, name));
      await writeFile(join(folder, name, 'tool'), `#!/bin/sh\necho ${name}\n`);
      await chmod(join(folder, name, 'tool'), mode);
    }
    await mkdir(join(folder, 'zero', 'tool'), { recursive: true });
    const path = ['', '.', ...['zero', 'one', 'two', 'three'].map((name) => join(folder, name))].join(':');
    const { root, call } = await makeCaller({ environment: { PATH: path } });
    await writeFile(join(root, 'tool'), '#!/bin/sh\necho root\n');
    await chmod(join(root, 'tool'), 0o755);
    expect((await call(['tool'])).stdout).toBe('two\n');
    await expect(call(['cat'])).rejects.toMatchObject({
      type: 'CommandFailedError',
      details: { exit_code: 127 },
    });
  });

  it('that cannot be started is a CommandFailedError', async () => {
    const folder = await temporaryFolder();
    await writeFile(join(folder, 'tool'), '#!/no/such/interpreter\n');
    await chmod(join(folder, 'tool'), 0o755);
    const { call } = await makeCaller({ environment: { PATH: folder } });
    await expect(call(['tool'])).rejects.toMatchObject({
      type: 'CommandFailedError',
      details: { exit_code: null, code: 'ENOENT' },
    });
  });
});

describe('where a program runs', () => {
  it('is the configured root or a folder below it', async () => {
    const { root, call } = await makeCaller();
    await mkdir(join(root, 'a', 'b'), { recursive: true });
    await symlink('a', join(root, 'link'));
    expect((await call(['pwd'])).stdout).toBe(`${root}\n`);
    expect((await call(['pwd'], { cwd: 'a/b' })).stdout).toBe(`${root}/a/b\n`);
    expect((await call(['pwd'], { cwd: 'link/../a' })).stdout).toBe(`${root}/a\n`);
    expect((await call(['pwd'], { cwd: join(root, 'a') })).stdout).toBe(`${root}/a\n`);
  });

  it.each(['..', '../..', '/', '/etc', 'a/../../..', 'out', 'out/etc', 'missing', 'file', 'a\0'])(
    'is never outside of it: %j',
    async (cwd) => {
      const { root, call } = await makeCaller();
      await mkdir(join(root, 'a'));
      await symlink('/', join(root, 'out'));
      await writeFile(join(root, 'file'), '');
      await expect(call(['pwd'], { cwd })).rejects.toMatchObject({
        type: 'InvalidInputError',
        details: { field: 'cwd' },
      });
    },
  );

  it('has few of the worker’s variables and those of the definition', async () => {
    const environment = {
      PATH: process.env['PATH'],
      HOME: '/home/x',
      LC_ALL: 'C',
      CHATFLOW_SECRET_TOKEN: 'hidden',
      AWS_SECRET_ACCESS_KEY: 'hidden',
      TEMPORAL_API_KEY: 'hidden',
    };
    const { call } = await makeCaller({ environment });
    const { stdout } = await call(['env'], { env: { OWN: 'a=b', NUMBER: 7 } });
    expect(stdout.split('\n').filter(Boolean).sort()).toEqual(
      ['HOME=/home/x', 'LC_ALL=C', 'NUMBER=7', 'OWN=a=b', `PATH=${process.env['PATH']}`].sort(),
    );
  });

  it.each([
    'PATH',
    'LD_PRELOAD',
    'DYLD_INSERT_LIBRARIES',
    'NODE_OPTIONS',
    'BASH_ENV',
    'GIT_SSH_COMMAND',
    'PYTHONPATH',
  ])('cannot have %s from the definition', async (name) => {
    const { call } = await makeCaller();
    await expect(call(['env'], { env: { [name]: 'x' } })).rejects.toMatchObject({
      type: 'InvalidInputError',
    });
  });
});

describe('a secret of the worker’s', () => {
  const SECRET = 's3cr3t/To+ken&"x ü';
  const KEY = '-----BEGIN KEY-----\nfirst line of it\nsecond line of it\n-----END KEY-----';
  const environment = {
    PATH: process.env['PATH'],
    CHATFLOW_SECRET_TOK: SECRET,
    CHATFLOW_SECRET_KEY: KEY,
    CHATFLOW_SECRET_NUM: '9876543210',
    CHATFLOW_SECRET_TINY: 'e',
    CHATFLOW_SECRET_NONE: '',
  };
  const print = (text: string): readonly string[] => ['printf', '%s', text];

  it('never comes out of what a program wrote, in the ways in which it may be written', async () => {
    const { call } = await makeCaller({ environment });
    const quoted = JSON.stringify(SECRET);
    const ascii = quoted.replace('ü', '\\u00fc');
    const base64 = Buffer.from(SECRET).toString('base64');
    for (const text of [SECRET, quoted, ascii, base64, encodeURIComponent(SECRET)]) {
      const { stdout } = await call(print(`before ${text} after`));
      expect(stdout).toMatch(/^before "?\[secret:TOK\]"? after$/);
    }
    const { stdout } = await call(['sh', '-c', 'printf %s "$1" | grep second', 'x', KEY]);
    expect(stdout).toBe('[secret:KEY]\n');
  });

  it('is blotted out of stderr and of what a failure carries', async () => {
    const { call } = await makeCaller({ environment });
    const script = 'printf %s "$1"; printf %s "$1" >&2; exit "$2"';
    const blotted = { stdout: '[secret:TOK]', stderr: '[secret:TOK]' };
    expect(await call(['sh', '-c', script, 'x', SECRET, '0'])).toMatchObject(blotted);
    await expect(call(['sh', '-c', script, 'x', SECRET, '3'])).rejects.toMatchObject({ details: blotted });
  });

  it('is blotted out of JSON, which is kept where it still is some', async () => {
    const { call } = await makeCaller({ environment });
    const result = await call(print(JSON.stringify({ [SECRET]: [`Bearer ${SECRET}`], few: 'e' })));
    expect(result.json).toEqual({ '[secret:TOK]': ['Bearer [secret:TOK]'], few: 'e' });
    const escaped = await call(print('{"n":"9\\u003876543210"}'));
    expect(escaped.json).toEqual({ n: '[secret:NUM]' });
    const number = await call(print('{"n":9876543210}'));
    expect(number).toEqual({ exit_code: 0, stdout: '{"n":[secret:NUM]}', stderr: '' });
  });

  it('leaves no half of itself where the output was cut', async () => {
    const { call } = await makeCaller({ environment });
    const script = `process.stdout.write(process.argv[1] + 'x'.repeat(Number(process.argv[2])))`;
    const long = 65536;
    for (const count of [long - 100, long - 14, long - 6, long, long + 50, long + 300]) {
      const { stdout, stdout_truncated } = await call(['node', '-e', script, '--', SECRET, String(count)]);
      expect(stdout.replace(/^.*\]/, '')).toMatch(/^x+$/);
      expect(Buffer.byteLength(stdout)).toBeLessThanOrEqual(long);
      expect(stdout_truncated === true).toBe(count > long - '[secret:TOK]'.length);
    }
  });

  it.runIf(process.platform === 'linux')('cannot be read from the worker’s own environment', async () => {
    const { call } = await makeCaller({ environment: { ...environment, PATH: process.env['PATH'] } });
    const { stdout } = await call(['sh', '-c', 'env; cat /proc/$$/environ']);
    expect(stdout).not.toContain('CHATFLOW_SECRET');
  });
});

/** Whether a process still runs; one that only waits to be reaped does not. */
async function isAlive(pid: number): Promise<boolean> {
  const stat = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => null);
  return stat !== null && !/\) [ZX] /.test(stat);
}

async function waitUntil(holds: () => Promise<boolean>): Promise<void> {
  const end = Date.now() + 10_000;
  while (!(await holds())) {
    if (Date.now() > end) throw new Error('it never came to hold');
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}

const isWritten = (path: string) => async (): Promise<boolean> =>
  (await readFile(path, 'utf8').catch(() => '')).includes('\n');

describe.runIf(process.platform === 'linux')('the end of a program', () => {
  it('comes with the cancellation, for all that it has started', async () => {
    const { root, activity } = await makeCaller();
    const environment = makeEnvironment();
    const run = environment.run(activity, { command: ['sh', '-c', 'sleep 300 & echo $! $$ > pids; wait'] });
    run.catch(() => undefined);
    await waitUntil(isWritten(join(root, 'pids')));
    environment.cancel();
    await expect(run).rejects.toMatchObject({ name: 'CancelledFailure' });
    const pids = (await readFile(join(root, 'pids'), 'utf8')).trim().split(' ').map(Number);
    expect(pids).toHaveLength(2);
    await waitUntil(async () => !(await Promise.all(pids.map(isAlive))).includes(true));
  });

  it('comes by SIGKILL where SIGTERM is not heard', async () => {
    const { root, activity } = await makeCaller({ killGraceMs: 100 });
    const environment = makeEnvironment();
    const script = `trap 'echo heard > heard' TERM; echo $$ > pids; while true; do sleep 0.05; done`;
    const run = environment.run(activity, { command: ['sh', '-c', script] });
    run.catch(() => undefined);
    await waitUntil(isWritten(join(root, 'pids')));
    environment.cancel();
    await expect(run).rejects.toMatchObject({ name: 'CancelledFailure' });
    expect(await readFile(join(root, 'heard'), 'utf8')).toBe('heard\n');
    const pid = Number(await readFile(join(root, 'pids'), 'utf8'));
    await waitUntil(async () => !(await isAlive(pid)));
  });

  it('comes with TimeoutError when the time is over', async () => {
    const { call } = await makeCaller();
    await expect(call(['sleep', '300'], {}, { startToCloseTimeoutMs: 200 })).rejects.toMatchObject({
      type: 'TimeoutError',
      details: { timeout_sec: 0.2 },
    });
  });

  it('leaves nothing running behind it, and waits for no stray that holds its output', async () => {
    const { root, call } = await makeCaller();
    const result = await call(['sh', '-c', 'sleep 300 & echo $! > pids; echo done']);
    expect(result.stdout).toBe('done\n');
    const pid = Number(await readFile(join(root, 'pids'), 'utf8'));
    await waitUntil(async () => !(await isAlive(pid)));
    const script = `const c = require('child_process').spawn('sleep', ['60'], { detached: true, stdio: 'inherit' }); c.unref(); console.log(c.pid)`;
    const started = Date.now();
    const { stdout } = await call(['node', '-e', script]);
    const took = Date.now() - started;
    process.kill(Number(stdout));
    expect(took).toBeLessThan(30_000);
  });

  it('sends heartbeats until then', async () => {
    const { root, activity } = await makeCaller();
    const environment = makeEnvironment({ heartbeatTimeoutMs: 150 });
    let beats = 0;
    environment.on('heartbeat', () => (beats += 1) === 3 && void writeFile(join(root, 'go'), ''));
    const script = 'while [ ! -e go ]; do sleep 0.02; done; echo went';
    const result = await environment.run(activity, { command: ['sh', '-c', script] });
    expect(result).toMatchObject({ stdout: 'went\n' });
  });
});
