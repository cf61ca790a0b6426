import { lookup } from 'node:dns/promises';
import type { LookupAddress, LookupOptions } from 'node:dns';
import type { LookupFunction } from 'node:net';
import type { AddressPolicy } from './address-policy.js';

/** All addresses of a host, at least one. */
export type HostResolver = (host: string) => Promise<readonly LookupAddress[]>;

/** The operating system's resolver, hosts file included. */
export const resolveBySystem: HostResolver = (host) => lookup(host, { all: true });

function select(addresses: readonly LookupAddress[], options: LookupOptions): readonly LookupAddress[] {
  const family = options.family === 'IPv4' ? 4 : options.family === 'IPv6' ? 6 : (options.family ?? 0);
  return family === 0 ? addresses : addresses.filter((address) => address.family === family);
}

function notFound(host: string): Error {
  return Object.assign(new Error(`No address for ${host}`), { code: 'ENOTFOUND' });
}

/**
 * The lookup that a connection itself makes: the addresses that were checked are those it connects to, so a name that
 * answers differently a second time gains nothing. One forbidden address among several refuses the host.
 */
export function guardLookup(policy: AddressPolicy, resolveHost: HostResolver): LookupFunction {
  const resolveChecked = async (host: string, options: LookupOptions): Promise<readonly LookupAddress[]> => {
    const addresses = await resolveHost(host);
    for (const { address } of addresses) policy.check(host, address);
    const usable = select(addresses, options);
    if (usable.length === 0) throw notFound(host);
    return usable;
  };
  return (host, options, callback) => {
    const fail = (error: unknown): void => callback(error as NodeJS.ErrnoException, '', 0);
    const answer = (addresses: readonly LookupAddress[]): void => {
      const first = addresses[0];
      if (options.all === true) return callback(null, [...addresses]);
      callback(null, first?.address ?? '', first?.family);
    };
    resolveChecked(host, options).then(answer, fail);
  };
}
