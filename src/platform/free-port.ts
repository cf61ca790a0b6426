import { connect, createServer } from 'node:net';
import { ChatFlowError } from '../core/errors.js';

/** Gives `port` itself where it is free, any free port for 0. @throws ChatFlowError AddressInUseError */
export async function reservePort(host: string, port: number, purpose: PortPurpose): Promise<number> {
  return new Promise((resolve, reject) => {
    const probe = createServer();
    probe.once('error', (error: NodeJS.ErrnoException) => {
      const taken = error.code === 'EADDRINUSE' || error.code === 'EACCES';
      reject(taken ? addressInUse(host, port, purpose, error) : error);
    });
    probe.listen({ host, port, exclusive: true }, () => {
      const bound = probe.address();
      probe.close(() => resolve(typeof bound === 'object' && bound !== null ? bound.port : port));
    });
  });
}

/** Whether something takes connections on a port at this moment. */
export async function isListening(host: string, port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ host, port });
    const answer = (listening: boolean) => (): void => {
      socket.destroy();
      resolve(listening);
    };
    socket.once('connect', answer(true));
    socket.once('error', answer(false));
  });
}

/** What a port is for, as the message and its way out name it. */
export type PortPurpose = 'server' | 'ui';

/** The error for a port that another program has. */
export function addressInUse(
  host: string,
  port: number,
  purpose: PortPurpose,
  cause?: unknown,
): ChatFlowError {
  const [what, flag] =
    purpose === 'server' ? ['the Temporal server', '--port'] : ['the Temporal Web UI', '--ui-port'];
  return new ChatFlowError(
    'AddressInUseError',
    `Port ${port} on ${host}, wanted for ${what}, is not free. End the program that has it, choose another with ${flag}, ` +
      'or, if it is a Temporal server you want to use, run `chatflow worker` in place of `chatflow up`',
    { host, port, purpose },
    { cause },
  );
}
