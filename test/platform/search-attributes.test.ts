import { randomUUID } from 'node:crypto';
import { describe, expect, it, onTestFinished } from 'vitest';
import { Connection } from '@temporalio/client';
import { checkSearchAttributes, registerSearchAttributes } from '../../src/platform/search-attributes.js';
import { SEARCH_ATTRIBUTES } from '../../src/workflows/search-attributes.js';
import { expectChatFlowError } from '../support/expect-chatflow-error.js';
import { createTestNamespace, getTestServer } from '../support/temporal-server.js';

const names = Object.keys(SEARCH_ATTRIBUTES);

async function connect(): Promise<Connection> {
  const connection = await Connection.connect({ address: getTestServer().address });
  onTestFinished(() => connection.close());
  return connection;
}

describe('search attributes', () => {
  it('are named, with the command that registers them, where they are missing', async () => {
    const connection = await connect();
    const namespace = await createTestNamespace({ searchAttributes: false });
    const error = await expectChatFlowError(
      'SearchAttributesMissingError',
      checkSearchAttributes(connection, namespace),
    );
    for (const name of names) expect(error.message).toContain(name);
    expect(error.message).toContain('chatflow init');
    expect(error.message).toContain(namespace);
  });

  it('are registered once, however often it is asked, and can be used at once', async () => {
    const connection = await connect();
    const namespace = await createTestNamespace({ searchAttributes: false });
    expect([...(await registerSearchAttributes(connection, namespace))].sort()).toEqual([...names].sort());
    expect(await registerSearchAttributes(connection, namespace)).toEqual([]);
    await checkSearchAttributes(connection, namespace);
    const { count } = await connection.workflowService.countWorkflowExecutions({
      namespace,
      query: `ChatflowFeature = '${randomUUID()}' AND ChatflowDepth > 0 AND ChatflowWaitingFor IN ('agent')`,
    });
    expect(Number(count)).toBe(0);
  });

  it('may be registered by two at the same time', async () => {
    const connection = await connect();
    const namespace = await createTestNamespace({ searchAttributes: false });
    await Promise.all([
      registerSearchAttributes(connection, namespace),
      registerSearchAttributes(connection, namespace),
    ]);
    await checkSearchAttributes(connection, namespace);
  });

  it('are refused where one stands with another type', async () => {
    const connection = await connect();
    const namespace = await createTestNamespace({ searchAttributes: false });
    const KEYWORD = 2;
    await connection.operatorService.addSearchAttributes({
      namespace,
      searchAttributes: { ChatflowDepth: KEYWORD },
    });
    const attempt = registerSearchAttributes(connection, namespace);
    const error = await expectChatFlowError('SearchAttributesMissingError', attempt);
    expect(error.message).toContain('ChatflowDepth (must be INT)');
  });
});
