import { Client, Connection } from '@temporalio/client';
import { execFile } from 'node:child_process';
import { dirname } from 'node:path';
import { promisify } from 'node:util';
import { findServerBinary } from '../../../src/platform/server-binary.js';

const silent = { debug: ignore, info: ignore, warn: ignore, error: ignore };

function ignore(): void {
  // The engine's process has said all there is to say about the binary.
}

/** The folder of the server's binary, which is Temporal's CLI too; null where `temporal` is on PATH anyway. */
export async function findTemporalFolder(): Promise<string | null> {
  const onPath = await promisify(execFile)('temporal', ['--version']).then(
    () => true,
    () => false,
  );
  return onPath ? null : dirname(await findServerBinary({ log: silent }));
}

/** The id of the instance's latest run: part of its address in the Web UI. */
export async function findRunId(address: string, namespace: string, instanceId: string): Promise<string> {
  const connection = await Connection.connect({ address });
  try {
    const client = new Client({ connection, namespace });
    return (await client.workflow.getHandle(instanceId).describe()).runId;
  } finally {
    await connection.close();
  }
}
