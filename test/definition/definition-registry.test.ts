import { describe, expect, it } from 'vitest';
import {
  createDefinitionRegistry,
  type DefinitionRegistry,
} from '../../src/definition/definition-registry.js';

/** A registry over files given as `folder/name → text`. */
function registryOf(texts: Readonly<Record<string, string>>): DefinitionRegistry {
  const files = Object.keys(texts).map((path) => ({ name: path.slice(path.lastIndexOf('/') + 1), path }));
  return createDefinitionRegistry({
    list: async () => files,
    read: async (file) => texts[file.path] ?? null,
  });
}

const flow = (version: string): string => `name: flow\nversion: "${version}"\nphases: [{ name: a }]\n`;

const versions = registryOf({
  'one/flow@v1.2.yaml': 'v1.2',
  'one/flow@v1.10.yaml': 'v1.10',
  'one/flow@v1.9.0.yml': 'v1.9',
  'one/flow@v2.0-rc.1.yaml': 'no version of semver',
  'one/flow@draft.yaml': 'draft',
  'one/other.yaml': 'other',
  'two/flow@v1.10.yaml': 'hidden by the first folder',
});

describe('a definition by name', () => {
  it('is the latest version, by number and not by letter', async () => {
    expect(await registryOf({ 'f/flow@v1.9.yaml': '9', 'f/flow@v1.10.yaml': '10' }).find('flow')).toEqual({
      name: 'flow',
      version: '1.10',
      text: '10',
      file: 'f/flow@v1.10.yaml',
    });
  });

  it.each([
    ['flow@1.2', 'v1.2'],
    ['flow@v1.2', 'v1.2'],
    ['flow@1.2.0', 'v1.2'],
    ['flow@1.9', 'v1.9'],
    ['flow@1.10', 'v1.10'],
    ['flow@draft', 'draft'],
  ])('and version is exactly that one: %s', async (id, text) => {
    expect((await versions.find(id)).text).toBe(text);
  });

  it('takes the version of a file without one from its document', async () => {
    const files = { 'f/flow.yaml': flow('1.5'), 'f/flow@v1.4.yaml': '1.4', 'f/flow@v1.6.yaml': '1.6' };
    expect((await registryOf(files).find('flow')).text).toBe('1.6');
    expect(await registryOf(files).find('flow@1.5')).toMatchObject({ version: '1.5', file: 'f/flow.yaml' });
    const { 'f/flow@v1.6.yaml': _, ...older } = files;
    expect((await registryOf(older).find('flow')).text).toBe(flow('1.5'));
  });

  it('is found though its document is broken, so that its problems can be shown', async () => {
    expect(await registryOf({ 'f/flow.yaml': 'name: [' }).find('flow')).toMatchObject({
      text: 'name: [',
      version: null,
    });
  });

  it('ranks a release above its candidates, and what is no number below everything', async () => {
    const files = {
      'f/flow@v2.0-rc.1.yaml': 'rc',
      'f/flow@v2.0.yaml': 'release',
      'f/flow@draft9.yaml': 'draft',
    };
    expect((await registryOf(files).find('flow')).text).toBe('release');
    expect((await registryOf(files).find('flow@2.0-rc.1')).text).toBe('rc');
    expect((await registryOf({ 'f/flow@draft9.yaml': 'draft' }).find('flow')).text).toBe('draft');
  });

  it.each([
    ['folw', /did you mean flow\?/],
    ['nothing-like-it', /there are flow, other/],
    ['flow@9.9', /there are the versions 1\.2, 1\.10/],
  ])('that does not exist is refused with what there is: %s', async (id, message) => {
    await expect(versions.find(id)).rejects.toMatchObject({
      type: 'SchemaNotFoundError',
      message: expect.stringMatching(message) as string,
    });
  });

  it('says so where there is none at all', async () => {
    await expect(registryOf({}).find('flow')).rejects.toThrow(/there are none/);
  });

  it.each([
    '',
    '../flow',
    'a/b',
    'flow@',
    'flow@../1',
    'flow@1/2',
    'a\\b',
    'a\0',
    'flow.yaml',
    '.',
    'x'.repeat(200),
  ])('is refused where it is no id: %j', async (id) => {
    await expect(versions.find(id)).rejects.toMatchObject({ type: 'InvalidInputError' });
  });

  it('stands once among the names, whatever its versions', async () => {
    expect(await versions.names()).toEqual(['flow', 'other']);
  });
});
