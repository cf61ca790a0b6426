import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { readInput, readJsonObject, readText } from '../../src/surfaces/cli/read-argument.js';
import { expectChatFlowError } from '../support/expect-chatflow-error.js';
import { temporaryFolder } from '../support/temporary-folder.js';
import { fakeIo } from './fake-io.js';

describe('the text of an option', () => {
  test('stands for itself, for a file or for standard input', async () => {
    const cwd = temporaryFolder();
    writeFileSync(join(cwd, 'a.json'), '{"from": "file"}');
    const io = fakeIo({ cwd, stdin: '{"from": "stdin"}' });
    expect(await readText(io, '{"from": "here"}')).toBe('{"from": "here"}');
    expect(await readText(io, '@a.json')).toBe('{"from": "file"}');
    expect(await readText(io, '-')).toBe('{"from": "stdin"}');
  });

  test('of a file that is not there is refused with its name', async () => {
    const io = fakeIo({ cwd: temporaryFolder() });
    const error = await expectChatFlowError('InvalidInputError', readText(io, '@missing.json'));
    expect(error.message).toMatch(/^There is no file .*missing\.json$/);
  });

  test('of a definition that is not there is not found; a folder is no definition', async () => {
    const io = fakeIo({ cwd: temporaryFolder() });
    const error = await expectChatFlowError('SchemaNotFoundError', readInput(io, 'missing.yaml'));
    expect(error.message).toMatch(/^There is no file .*missing\.yaml$/);
    const folder = await expectChatFlowError('InvalidInputError', readInput(io, '.'));
    expect(folder.message).toContain('it is a folder');
  });
});

describe('an option that holds a JSON object', () => {
  test('is undefined where it was not given', async () => {
    expect(await readJsonObject(fakeIo(), '--data', undefined)).toBeUndefined();
  });

  test.each([['{'], ['[1]'], ['null'], ['"text"'], ['3'], ["{'single': 1}"]])(
    'is refused as %s, and the message names the option',
    async (text) => {
      const error = await expectChatFlowError('InvalidInputError', readJsonObject(fakeIo(), '--data', text));
      expect(error.message).toContain('--data');
    },
  );
});
