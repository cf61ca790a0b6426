/** Which addresses the http executor may connect to: public ones, and those that the configuration names. */
import { BlockList, isIP } from 'node:net';
import { ChatFlowError } from '../core/errors.js';

/** Not globally reachable, or reaching something else under a global guise (IANA special-purpose registries). */
const PRIVATE_IPV4 = [
  '0.0.0.0/8',
  '10.0.0.0/8',
  '100.64.0.0/10',
  '127.0.0.0/8',
  '169.254.0.0/16',
  '172.16.0.0/12',
  '192.0.0.0/24',
  '192.0.2.0/24',
  '192.88.99.0/24',
  '192.168.0.0/16',
  '198.18.0.0/15',
  '198.51.100.0/24',
  '203.0.113.0/24',
  '224.0.0.0/3',
];
/** Within 2000::/3, outside of which no IPv6 address is public: Teredo and its like, documentation, 6to4. */
const PRIVATE_IPV6 = ['2001::/23', '2001:db8::/32', '2002::/16', '3fff::/20'];
const GLOBAL_IPV6 = ['2000::/3'];

function addBlock(list: BlockList, cidr: string): boolean {
  const [address = '', prefix, ...rest] = cidr.split('/');
  const version = isIP(address);
  const bits = version === 4 ? 32 : 128;
  const length = prefix === undefined ? bits : Number(prefix);
  if (version === 0 || rest.length > 0 || prefix === '' || !Number.isInteger(length)) return false;
  if (length < 0 || length > bits) return false;
  list.addSubnet(address, length, version === 4 ? 'ipv4' : 'ipv6');
  return true;
}

function blocks(...cidrs: readonly string[]): BlockList {
  const list = new BlockList();
  for (const cidr of cidrs) addBlock(list, cidr);
  return list;
}

const privateBlocks = blocks(...PRIVATE_IPV4, ...PRIVATE_IPV6);
const globalIpv6 = blocks(...GLOBAL_IPV6);
/** ::ffff:0:0/96, as the URL parser writes it. */
const MAPPED = /^\[::ffff:[0-9a-f]{1,4}:[0-9a-f]{1,4}\]$/;

/** BlockList looks at an IPv4 address that is mapped into IPv6 as at the IPv4 address. */
function contains(list: BlockList, address: string): boolean {
  return list.check(address, isIP(address) === 4 ? 'ipv4' : 'ipv6');
}

/** Whether anyone on the internet would reach the same host under this address; false for what is no address. */
export function isPublicAddress(address: string): boolean {
  const version = isIP(address);
  if (version === 0 || address.includes('%') || contains(privateBlocks, address)) return false;
  if (version === 4 || MAPPED.test(new URL(`http://[${address}]`).hostname)) return true;
  return contains(globalIpv6, address);
}

export interface AddressPolicy {
  /** @throws ChatFlowError `HttpBlockedError` where the host may not be reached at this address. */
  check(host: string, address: string): void;
}

/** RFC 6761: these names mean the machine itself, whatever a resolver says of them. */
export function isLocalName(host: string): boolean {
  return /^(.*\.)?localhost$/.test(plainHost(host));
}

/** A host's name as it is compared: lower case, without the dot at its end and the brackets of IPv6. */
export function plainHost(host: string): string {
  return host
    .toLowerCase()
    .replace(/^\[(.*)\]$/, '$1')
    .replace(/\.$/, '');
}

const HOST_NAME = /^[a-z0-9_]([a-z0-9_.-]*[a-z0-9_])?$/;

function refuseEntry(entry: string): never {
  const message = `http.allow_private holds ${JSON.stringify(entry)}, which is no host, address or CIDR block`;
  throw new ChatFlowError('ConfigurationError', message, { path: 'http.allow_private' });
}

/**
 * The policy of a configuration. A host's name allows whatever address it has.
 * @throws ChatFlowError `ConfigurationError`
 */
export function createAddressPolicy(allowPrivate: boolean | readonly string[]): AddressPolicy {
  const allowed = new BlockList();
  const hosts = new Set<string>();
  for (const entry of typeof allowPrivate === 'boolean' ? [] : allowPrivate) {
    if (addBlock(allowed, plainHost(entry))) continue;
    if (!HOST_NAME.test(plainHost(entry))) refuseEntry(entry);
    hosts.add(plainHost(entry));
  }
  const allows = (host: string, address: string): boolean =>
    allowPrivate === true || hosts.has(plainHost(host)) || contains(allowed, address);
  return {
    check: (host, address) => {
      if (isPublicAddress(address) || (isIP(address) !== 0 && allows(host, address))) return;
      throw new ChatFlowError(
        'HttpBlockedError',
        `The host leads to a private address, which http.allow_private in chatflow.config.yaml does not allow`,
        { reason: 'private_address', config: 'http.allow_private' },
      );
    },
  };
}
