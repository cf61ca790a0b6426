import { execFileSync } from 'node:child_process';
import { createServer } from 'node:net';
import { describe, expect, it } from 'vitest';
import { choosePorts } from '../../../../examples/repository-audit/demo/choose-ports.js';
import { DemoUsageError, readDemoOptions } from '../../../../examples/repository-audit/demo/demo-options.js';
import { decideCommands, webUiLink } from '../../../../examples/repository-audit/demo/engine-commands.js';
import { createProgress } from '../../../../examples/repository-audit/demo/progress.js';

describe('choosePorts', () => {
  it('moves to another pair where a program has the port or the one of the Web UI', async () => {
    const taken = createServer();
    const port = await new Promise<number>((resolve) => {
      taken.listen({ host: '127.0.0.1', port: 0 }, () => {
        const address = taken.address();
        resolve(typeof address === 'object' && address !== null ? address.port : 0);
      });
    });
    const moved = await choosePorts(port);
    expect(moved).toMatchObject({ moved: true });
    expect(moved.port).not.toBe(port);
    const byUi = await choosePorts(port - 1000);
    expect(byUi.moved).toBe(true);
    await new Promise((resolve) => taken.close(resolve));
    expect(await choosePorts(moved.port)).toEqual({ port: moved.port, moved: false });
  });
});

describe('createProgress', () => {
  it('writes plain lines without a terminal, and no live line', () => {
    const written: string[] = [];
    const progress = createProgress({ write: (text) => written.push(text) }, () => 0);
    progress.say('a');
    progress.show('busy');
    progress.clear();
    progress.print('b');
    expect(written).toEqual(['  0.0 s  a\n', 'b\n']);
  });

  it('keeps one live line on a terminal, cut to its width', () => {
    const written: string[] = [];
    const stream = { write: (text: string) => written.push(text), isTTY: true, columns: 10 };
    const progress = createProgress(stream, () => 0);
    progress.show('a long line indeed');
    expect(written.join('')).toBe('\r\u001b[2K⠙ a long ');
    progress.say('done');
    expect(written.at(-2)).toBe('\r\u001b[2K');
  });
});

describe('the printed commands', () => {
  it('survive a POSIX shell word by word', () => {
    const target = { address: 'h:1', namespace: 'n', instanceId: 'wfi_1' };
    const [update = ''] = decideCommands(target, "it's#1/it's", 'approve');
    const script = `temporal() { printf '%s\\n' "$@"; }\n${update}`;
    const words = execFileSync('sh', ['-c', script], { encoding: 'utf8' }).split('\n');
    expect(words.slice(0, 3)).toEqual(['workflow', 'update', 'execute']);
    expect(JSON.parse(words.at(-2) ?? '')).toEqual({
      task: "it's#1/it's",
      trigger_data: { decision: 'approve' },
      meta: { actor: 'you' },
    });
  });

  it('lead to the run in the Web UI', () => {
    expect(webUiLink('http://h:2', 'default', 'wfi_1', 'run')).toBe(
      'http://h:2/namespaces/default/workflows/wfi_1/run/history',
    );
  });
});

describe('readDemoOptions', () => {
  it('audits the project itself by default and takes a path, flags and a port', () => {
    const plain = readDemoOptions([]);
    expect(plain).toMatchObject({ port: 7233, interactive: false, keep: false });
    expect(plain?.treePath).toBe(plain?.projectRoot);
    expect(readDemoOptions(['/', '--keep', '--interactive', '--port', '9000'])).toMatchObject({
      treePath: '/',
      keep: true,
      interactive: true,
      port: 9000,
    });
  });

  it('gives no options for --help, and refuses what makes no sense', () => {
    expect(readDemoOptions(['--help'])).toBeNull();
    expect(() => readDemoOptions(['a', 'b'])).toThrow(DemoUsageError);
    expect(() => readDemoOptions(['--port', '70000'])).toThrow('--port 70000');
    expect(() => readDemoOptions(['--bogus'])).toThrow(DemoUsageError);
  });
});
