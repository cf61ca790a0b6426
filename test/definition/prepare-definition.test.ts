import { describe, expect, it } from 'vitest';
import { createDefinitionRegistry } from '../../src/definition/definition-registry.js';
import { prepareStart } from '../../src/definition/prepare-definition.js';

const flow = `
name: flow
version: "1.0"
input:
  type: object
  required: [request]
  properties:
    request: { type: string }
    level: { type: integer, default: 3 }
phases:
  - name: analysis
    task: "Analyse \${variables.request}"
`;

const schema = {
  name: 'flow',
  version: '1.0',
  input: {
    type: 'object',
    required: ['request'],
    properties: { request: { type: 'string' }, level: { type: 'integer', default: 3 } },
  },
  phases: [{ name: 'analysis', task: 'Analyse ${variables.request}' }],
};

const texts: Readonly<Record<string, string>> = {
  'flow@v1.0.yaml': flow,
  'other@v1.0.yaml': flow,
  'older@v0.9.yaml': flow.replace('name: flow', 'name: older'),
  'plain.yaml': flow,
  'broken.yaml': 'name: broken\nversion: "1.0"\nphases:\n  - name: a\n    next: nowhere\n  - name: a\n',
};
const registry = createDefinitionRegistry({
  list: async () => Object.keys(texts).map((name) => ({ name, path: name })),
  read: async (file) => texts[file.path] ?? null,
});
const prepare = (input: unknown): ReturnType<typeof prepareStart> => prepareStart(input, registry);

describe('a start', () => {
  it('is prepared alike from a document and from a name', async () => {
    const initial_context = { request: 'do it' };
    const byName = await prepare({ schema_id: 'flow', initial_context });
    const byDocument = await prepare({ schema, initial_context });
    expect(byDocument).toEqual(byName);
    expect(byName.definition).toMatchObject({ name: 'flow', version: '1.0', phases: [{ name: 'analysis' }] });
    expect(byName.context).toEqual({ request: 'do it', level: 3 });
    expect(byName.digest).toMatch(/^[0-9a-f]{64}$|^sha256:/);
  });

  it('has another digest where the definition is another', async () => {
    const initial_context = { request: 'x' };
    const one = await prepare({ schema, initial_context });
    const two = await prepare({ schema: { ...schema, version: '1.1' }, initial_context });
    expect(two.digest).not.toBe(one.digest);
  });

  it.each([
    ['other', 'other@1.0', 'flow@1.0'],
    ['older', 'older@0.9', 'older@1.0'],
    ['plain', 'plain@1.0', 'flow@1.0'],
  ])('by the name %s is refused where the file holds another definition', async (schema_id, named, held) => {
    const refusal = prepare({ schema_id, initial_context: { request: 'x' } });
    await expect(refusal).rejects.toMatchObject({
      type: 'SchemaValidationError',
      message: expect.stringContaining(`named for ${named}, and its document is ${held}`) as string,
    });
  });

  it('with a broken definition is refused with every problem, each with its place', async () => {
    const refusal = prepare({ schema_id: 'broken' });
    await expect(refusal).rejects.toMatchObject({ type: 'SchemaValidationError' });
    const error = (await refusal.catch((caught: unknown) => caught)) as {
      details: { problems: { code: string; line: number; file: string }[] };
    };
    expect(error.details.problems.map((problem) => problem.code)).toEqual(
      expect.arrayContaining(['unknown-phase', 'duplicate-name']) as string[],
    );
    for (const problem of error.details.problems) {
      expect(problem.line).toBeGreaterThan(1);
      expect(problem.file).toBe('broken.yaml');
    }
  });

  it.each([
    ['a wrong type', { request: 5 }],
    ['a missing key', {}],
    ['no context', undefined],
  ])('whose context does not fit input is refused: %s', async (_, initial_context) => {
    await expect(prepare({ schema_id: 'flow', initial_context })).rejects.toMatchObject({
      type: 'SchemaValidationError',
      message: expect.stringContaining('request') as string,
      details: { problems: [{ code: 'invalid-input' }] },
    });
  });

  it.each([
    ['no object', null],
    ['a list', []],
    ['a text', 'flow'],
    ['neither schema nor schema_id', { feature_id: 'f' }],
    ['both', { schema, schema_id: 'flow' }],
    ['a schema_id that is no text', { schema_id: 1 }],
    ['a context that is no map', { schema_id: 'flow', initial_context: [1] }],
    ['a name that leaves its folder', { schema_id: '../flow' }],
  ])('of another shape is refused: %s', async (_, input) => {
    await expect(prepare(input)).rejects.toMatchObject({ type: 'InvalidInputError' });
  });

  it.each([null, 1, 'text', [], {}, { name: 'x' }, { ...schema, phases: 'none' }])(
    'with %j for a definition is refused with problems',
    async (document) => {
      const refusal = prepare({ schema: document, initial_context: { request: 'x' } });
      await expect(refusal).rejects.toMatchObject({ type: 'SchemaValidationError' });
      const error = (await refusal.catch((caught: unknown) => caught)) as {
        details: { problems: unknown[] };
      };
      expect(error.details.problems.length).toBeGreaterThan(0);
    },
  );

  it('by a name that nobody knows is refused as such', async () => {
    await expect(prepare({ schema_id: 'flaw' })).rejects.toMatchObject({
      type: 'SchemaNotFoundError',
      message: expect.stringContaining('did you mean flow?') as string,
    });
  });
});
