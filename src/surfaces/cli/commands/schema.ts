import type { CliCommand } from '../cli-command.js';

export const schema: CliCommand = {
  name: 'schema',
  summary: 'print the JSON Schema of definitions, for editors',
  group: 'Definitions',
  examples: ['chatflow schema > chatflow.schema.json', 'chatflow schema --json'],
  run: async ({ out }) => {
    const { definitionJsonSchema } = await import('../../../definition/definition-json-schema.js');
    const document = definitionJsonSchema();
    // It is JSON either way.
    out.result(document, (shown) => [JSON.stringify(shown, null, 2)]);
  },
};
