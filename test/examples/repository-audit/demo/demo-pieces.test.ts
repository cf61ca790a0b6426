import { execFileSync } from 'node:child_process';
import { createServer } from 'node:net';
import { PassThrough } from 'node:stream';
import { describe, expect, it, vi } from 'vitest';
import { choosePorts } from '../../../../examples/repository-audit/demo/choose-ports.js';
import { askOnTerminal } from '../../../../examples/repository-audit/demo/decide.js';
import { DemoUsageError, readDemoOptions } from '../../../../examples/repository-audit/demo/demo-options.js';
import {
  decideCommands,
  treeCommands,
  webUiLink,
} from '../../../../examples/repository-audit/demo/engine-commands.js';
import { createProgress } from '../../../../examples/repository-audit/demo/progress.js';
import type { Task } from '../../../../src/core/shapes.js';

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

/** What a terminal shows in the end: what is erased is gone. */
function onScreen(written: readonly string[]): string {
  return written.join('').replace(/[^\n]*\r\u001b\[2K/g, '');
}

describe('a question', () => {
  const task = {
    task_id: 'sign_off#1/sign_off',
    allowed_decisions: ['approve', 'reject'],
  } as unknown as Task;
  const QUESTION = '  Your decision (approve, reject)? ';

  function ask(isTTY: boolean) {
    const written: string[] = [];
    const progress = createProgress({ write: (text) => written.push(text), isTTY, columns: 80 }, () => 0);
    const input = new PassThrough();
    const closed = new AbortController();
    progress.show('analyse: busy');
    const decision = askOnTerminal(progress, () => ['temporal …'], input)(task, closed.signal);
    return { written, progress, input, closed, decision };
  }

  it('has no live line drawn over it, and is shown again below what is said meanwhile', async () => {
    const { written, progress, input, decision } = ask(true);
    const before = written.length;
    for (let look = 0; look < 3; look += 1) progress.show('sign_off: 1 waiting');
    expect(written).toHaveLength(before);
    expect(written.at(-1)).toBe(QUESTION);
    progress.say('The engine is back');
    const said = written.slice(before).join('');
    expect(said).not.toContain('\r');
    expect(said).toMatch(/^\n.*The engine is back\n {2}Your decision \(approve, reject\)\? $/);
    input.write('approve\n');
    expect(await decision).toBe('approve');
    progress.show('report: busy');
    expect(written.at(-1)).toContain('report: busy');
  });

  it('is asked again after an answer that is none', async () => {
    const { written, input, decision } = ask(true);
    for (const line of ['perhaps\n', 'approve\n']) {
      await vi.waitFor(() => {
        expect(written.at(-1)).toBe(QUESTION);
      });
      written.push(line); // the terminal's own echo
      input.write(line);
    }
    expect(await decision).toBe('approve');
    const refusal = '  "perhaps" is none of approve, reject.\n';
    expect(onScreen(written)).toContain(`${QUESTION}perhaps\n${refusal}${QUESTION}approve\n`);
  });

  it('is given up where the decision came from elsewhere, and the next words begin a line', async () => {
    const { written, progress, closed, decision } = ask(true);
    await new Promise((done) => setImmediate(done));
    closed.abort();
    expect(await decision).toBeNull();
    progress.say('sign_off ✓ approve');
    expect(onScreen(written)).toMatch(/\? \n.*sign_off ✓ approve\n$/);
  });

  it('is a line like any other without a terminal', async () => {
    const { written, progress, input, decision } = ask(false);
    progress.say('a word');
    input.write('reject\n');
    expect(await decision).toBe('reject');
    const all = written.join('');
    expect(all).toContain(`${QUESTION.trimEnd()}\n`);
    expect(all.split('Your decision')).toHaveLength(2);
    expect(all).not.toContain('\r');
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

  it('show the tree by ChatFlow’s own CLI, on the server of the demo', () => {
    const env = 'TEMPORAL_ADDRESS=h:1 TEMPORAL_NAMESPACE=n';
    expect(treeCommands({ address: 'h:1', namespace: 'n', instanceId: 'wfi_1' })).toEqual([
      `${env} npx chatflow tree wfi_1`,
      `${env} npx chatflow watch wfi_1 --tree`,
    ]);
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
