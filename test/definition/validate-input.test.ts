import { describe, expect, it } from 'vitest';
import { parseDefinition, validateInput } from '../../src/definition/index.js';
import type { Definition } from '../../src/definition/index.js';

function withInput(input: string): Definition {
  const { definition, diagnostics } = parseDefinition(
    `name: t\nversion: "1"\n${input}phases: [{ name: a }]\n`,
  );
  if (!definition) throw new Error(JSON.stringify(diagnostics));
  return definition;
}

const INPUT = `input:
  type: object
  required: [user_request, retries]
  properties:
    user_request: { type: string, minLength: 3 }
    retries: { type: integer, default: 3 }
    options: { type: object, properties: { deep: { type: boolean, default: true } } }
  additionalProperties: false
`;

describe('the initial context', () => {
  it('gets the defaults of the top level first, and is checked then', () => {
    const result = validateInput(withInput(INPUT), { user_request: 'add a login', options: {} });
    expect(result).toEqual({
      context: { user_request: 'add a login', options: {}, retries: 3 },
      problems: [],
    });
  });

  it('keeps what is given, and is not changed itself', () => {
    const context = { user_request: 'add a login', retries: 5 };
    expect(validateInput(withInput(INPUT), context).context).toEqual(context);
    const bare = { user_request: 'add a login' };
    validateInput(withInput(INPUT), bare);
    expect(bare).toEqual({ user_request: 'add a login' });
  });

  it('gets all its problems, each with its path', () => {
    const { problems } = validateInput(withInput(INPUT), {
      user_request: 'x',
      retries: 'y',
      options: { deep: 1 },
      z: 1,
    });
    expect(problems.map(({ code, path }) => [code, path])).toEqual([
      ['invalid-input', 'initial_context.user_request'],
      ['invalid-input', 'initial_context.retries'],
      ['invalid-input', 'initial_context.options.deep'],
      ['invalid-input', 'initial_context.z'],
    ]);
    expect(problems[0]).toMatchObject({ severity: 'error', line: 1, column: 1, frame: '' });
    expect(problems[0]?.message).toBe('initial_context.user_request must have at least 3 characters');
  });

  it('says what is missing', () => {
    const { problems } = validateInput(withInput(INPUT), {});
    expect(problems.map(({ message }) => message)).toEqual(['initial_context.user_request is required']);
  });

  it('may be anything where there is no input, if it is a map of JSON', () => {
    const definition = withInput('');
    expect(validateInput(definition, { a: [1, { b: null }] }).problems).toEqual([]);
    for (const context of [null, [], 'x', 3, undefined, { a: NaN }, { a: 1n }, { a: new Date(0) }]) {
      const { context: filled, problems } = validateInput(definition, context);
      expect(filled).toEqual({});
      expect(problems).toHaveLength(1);
    }
    const polluted: unknown = JSON.parse('{"__proto__":{"x":1}}');
    expect(validateInput(definition, polluted).problems).toHaveLength(1);
  });

  it('has no keys but its own: what every object has does not count as given', () => {
    const definition = withInput('input: { type: object, required: [toString, valueOf] }\n');
    expect(validateInput(definition, {}).problems.map(({ path }) => path)).toEqual([
      'initial_context.toString',
      'initial_context.valueOf',
    ]);
  });
});
