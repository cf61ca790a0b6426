import type { CliCommand } from '../cli-command.js';

export const init: CliCommand = {
  name: 'init',
  summary: "register ChatFlow's search attributes on an existing Temporal",
  group: 'Server',
  examples: ['chatflow init', 'TEMPORAL_ADDRESS=temporal.example.com:7233 chatflow init --json'],
  run: async ({ out, wait }) => {
    const { connectTemporal } = await import('../../../platform/temporal-connection.js');
    const { registerSearchAttributes } = await import('../../../platform/search-attributes.js');
    const { connection, address, namespace } = await wait('connecting', () => connectTemporal());
    try {
      const added = await wait('registering', () => registerSearchAttributes(connection, namespace));
      const answer = { temporal_address: address, namespace, added };
      const words = added.length === 0 ? 'has all search attributes' : `now has ${added.join(', ')}`;
      out.result(answer, () => [`Namespace ${namespace} at ${address} ${words}.`]);
    } finally {
      await connection.close();
    }
  },
};
