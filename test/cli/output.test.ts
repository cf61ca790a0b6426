import { setTimeout as delay } from 'node:timers/promises';
import { describe, expect, test } from 'vitest';
import { ChatFlowError } from '../../src/core/errors.js';
import { coloursFor, paintStatus } from '../../src/surfaces/cli/colours.js';
import { Output } from '../../src/surfaces/cli/output.js';
import { withProgress } from '../../src/surfaces/cli/progress.js';
import { reportError } from '../../src/surfaces/cli/report-error.js';
import { renderFields, renderTable } from '../../src/surfaces/cli/table.js';
import { fakeIo } from './fake-io.js';

const data = { instance_id: 'wfi_0123456789ab', status: 'running' };

describe('output', () => {
  test('with --json stdout holds one JSON document and nothing else, and no words are said', () => {
    const io = fakeIo();
    const out = new Output(io, true);
    out.result(data, () => ['text']);
    out.note('words');
    expect(JSON.parse(io.out())).toEqual(data);
    expect(io.err()).toBe('');
  });

  test('without, data goes to stdout and words go to stderr', () => {
    const io = fakeIo();
    const out = new Output(io, false);
    out.result(data, () => ['one', 'two']);
    out.note('words');
    expect(io.out()).toBe('one\ntwo\n');
    expect(io.err()).toBe('words\n');
  });

  test('a stream is one document a line', () => {
    const io = fakeIo();
    const out = new Output(io, true);
    out.item({ seq: 1 }, () => '');
    out.item({ seq: 2 }, () => '');
    expect(io.out()).toBe('{"seq":1}\n{"seq":2}\n');
  });
});

describe('colours', () => {
  test.each([
    ['a terminal', { isTTY: true }, true],
    ['a pipe', { isTTY: false }, false],
    ['a terminal with NO_COLOR', { isTTY: true, env: { NO_COLOR: '1' } }, false],
    ['a terminal with an empty NO_COLOR', { isTTY: true, env: { NO_COLOR: '' } }, true],
    ['a dumb terminal', { isTTY: true, env: { TERM: 'dumb' } }, false],
  ])('on %s', (_name, options, coloured) => {
    const io = fakeIo(options);
    const painted = paintStatus(coloursFor(io.stdout, io.env), 'failed');
    expect(painted !== 'failed').toBe(coloured);
  });
});

describe('errors', () => {
  test('are one line on stderr, and their exit code is the registry’s', () => {
    const io = fakeIo();
    const error = new ChatFlowError('InstanceNotFoundError', 'No instance wfi_x', { instance_id: 'wfi_x' });
    expect(reportError(io, error, false)).toBe(3);
    expect(io.err()).toBe('InstanceNotFoundError: No instance wfi_x\n');
    expect(io.out()).toBe('');
  });

  test('with --json are a document on stdout too', () => {
    const io = fakeIo();
    reportError(io, new ChatFlowError('WorkflowClosedError', 'closed', { instance_id: 'a' }), true);
    expect(JSON.parse(io.out())).toEqual({
      error: { type: 'WorkflowClosedError', message: 'closed', details: { instance_id: 'a' } },
    });
  });

  test('of a definition show every diagnostic with its frame', () => {
    const io = fakeIo();
    const problem = (line: number) => ({
      code: 'unknown-key',
      severity: 'error',
      message: `no such key ${line}`,
      path: 'phases[0]',
      line,
      column: 3,
      frame: `  ${line} | taks: x\n    | ^`,
      file: 'flow.yaml',
    });
    const error = new ChatFlowError('SchemaValidationError', '2 problems', {
      problems: [problem(3), problem(9)],
    });
    expect(reportError(io, error, false)).toBe(5);
    expect(io.err()).toContain('flow.yaml:3:3');
    expect(io.err()).toContain('flow.yaml:9:3');
    expect(io.err()).toContain('9 | taks: x');
    const [first = '', ...below] = io.err().trimEnd().split('\n');
    expect(first).toBe('SchemaValidationError: 2 problems');
    for (const line of below) expect(line).toMatch(/^ {2}/);
    const asJson = fakeIo();
    reportError(asJson, error, true);
    expect(asJson.err()).toBe('SchemaValidationError: 2 problems\n');
  });

  test('that nobody foresaw are ours, without a stack unless it is asked for', () => {
    const io = fakeIo();
    expect(reportError(io, new TypeError('boom'), false)).toBe(1);
    expect(io.err()).toBe('InternalError: boom\n');
    const debugging = fakeIo({ env: { CHATFLOW_DEBUG: '1' } });
    reportError(debugging, new TypeError('boom'), false);
    expect(debugging.err()).toContain('output.test');
  });
});

describe('tables', () => {
  test('columns are as wide as their widest cell, whatever its colour', () => {
    expect(
      renderTable(
        ['A', 'B'],
        [
          ['\x1b[31mlong\x1b[39m', 'x'],
          ['y', 'z'],
        ],
      ),
    ).toEqual(['A     B', '\x1b[31mlong\x1b[39m  x', 'y     z']);
  });

  test('fields without a value are left out', () => {
    expect(
      renderFields([
        ['name', 'a'],
        ['none', null],
        ['longer', 'b'],
      ]),
    ).toEqual(['name    a', 'longer  b']);
  });
});

describe('progress', () => {
  test('says nothing in a pipe', async () => {
    const io = fakeIo();
    await withProgress(io, 'working', () => delay(1200));
    expect(io.err()).toBe('');
  });

  test('shows on a terminal after a second, and wipes itself out', async () => {
    const io = fakeIo({ isTTY: true });
    expect(await withProgress(io, 'working', () => delay(1300, 'done'))).toBe('done');
    expect(io.err()).toContain('working 1 s');
    expect(io.err().endsWith('\r\x1b[K')).toBe(true);
    expect(io.out()).toBe('');
  });

  test('says nothing about what is quick', async () => {
    const io = fakeIo({ isTTY: true });
    await withProgress(io, 'working', () => delay(50));
    expect(io.err()).toBe('');
  });
});
