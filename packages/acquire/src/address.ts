import { BlockList, isIP } from 'node:net';
import { FaroutError, printable } from '@farout/core';

/** The address to download a file from. */
export interface Address {
  readonly url: URL;
  /** The address for messages: without the query, which may contain a key, and without the fragment. */
  readonly shown: string;
}

/**
 * Parses the address of a file: http or https, or `drive:<id>` for a file on Google Drive.
 *
 * @throws FaroutError OOD_ADDRESS_REFUSED when it is invalid, has another protocol, or contains a user or password.
 */
export function parseAddress(text: string): Address {
  const id = /^drive:([\w-]{10,200})$/.exec(text)?.[1];
  if (id !== undefined) {
    const url = new URL('https://drive.usercontent.google.com/download');
    url.search = new URLSearchParams({ id, export: 'download', confirm: 't' }).toString();
    return { url, shown: text };
  }
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (!url) throw refused(`this is not a valid address: ${printable(text.replace(/[?#].*/s, ''))}`);
  return checkedAddress(url);
}

/** Checks an address and returns it. */
export function checkedAddress(url: URL): Address {
  // Checked before anything is shown: the part before the @ may be a password.
  if (url.username !== '' || url.password !== '')
    throw refused(
      `an address of ${url.host} contains a user name or a password`,
      'Remove it, and put a token into the environment variable FAROUT_TOKENS, as host=token.',
    );
  const shown = shownAddress(url);
  if (url.protocol !== 'http:' && url.protocol !== 'https:')
    throw refused(`only http and https are supported, not ${printable(url.protocol)} (${shown})`);
  return { url, shown };
}

/** An address without potentially secret parts. */
export const shownAddress = ({ protocol, host, pathname }: URL): string =>
  printable(host === '' ? protocol : `${protocol}//${host}${pathname}`);

export const refused = (message: string, fix?: string): FaroutError =>
  new FaroutError('OOD_ADDRESS_REFUSED', message, fix === undefined ? {} : { fix });

/** The host of an address for a resolver: IPv6 without brackets. */
export const hostOf = ({ hostname }: URL): string => hostname.replace(/^\[|\]$/g, '');

/** Addresses outside the public internet: this machine, private and shared networks, link-local, multicast, reserved. */
const notPublic = new BlockList();
for (const [network, prefix] of [
  ['0.0.0.0', 8],
  ['10.0.0.0', 8],
  ['100.64.0.0', 10],
  ['127.0.0.0', 8],
  ['169.254.0.0', 16],
  ['172.16.0.0', 12],
  ['192.0.0.0', 24],
  ['192.168.0.0', 16],
  ['198.18.0.0', 15],
  ['224.0.0.0', 3],
] as const)
  notPublic.addSubnet(network, prefix, 'ipv4');
for (const [network, prefix] of [
  ['::', 127],
  ['fc00::', 7],
  ['fe80::', 10],
  ['fec0::', 10],
  ['ff00::', 8],
] as const)
  notPublic.addSubnet(network, prefix, 'ipv6');

/** Whether an IP address is not public. IPv4 embedded in IPv6 (mapped, translated, 6to4) is judged as IPv4. */
export function isPrivate(ip: string): boolean {
  const kind = isIP(ip);
  if (kind === 0) return true;
  if (kind === 4) return notPublic.check(ip, 'ipv4');
  const bare = ip.replace(/%.*/, '');
  const carried = carriedIPv4(bare);
  return notPublic.check(bare, 'ipv6') || (carried !== undefined && notPublic.check(carried, 'ipv4'));
}

/** The IPv4 address embedded in an IPv6 address: ::ffff:a.b.c.d, ::a.b.c.d, 64:ff9b::a.b.c.d, 2002:aabb:ccdd::. */
function carriedIPv4(ip: string): string | undefined {
  const groups = expanded(ip);
  const at = (index: number) => groups[index] ?? 0;
  const quad = (high: number, low: number) => [high >> 8, high & 255, low >> 8, low & 255].join('.');
  const leading = groups.slice(0, 5).every((group) => group === 0);
  if (leading && (at(5) === 0xffff || at(5) === 0)) return quad(at(6), at(7));
  if (at(0) === 0x64 && at(1) === 0xff9b) return quad(at(6), at(7));
  return at(0) === 0x2002 ? quad(at(1), at(2)) : undefined;
}

/** The eight groups of an IPv6 address; the URL parser rewrites a dotted end as groups. */
function expanded(ip: string): number[] {
  const [head = '', tail] = new URL(`http://[${ip}]`).hostname.slice(1, -1).split('::');
  const numbers = (text: string) => (text === '' ? [] : text.split(':').map((group) => parseInt(group, 16)));
  if (tail === undefined) return numbers(head);
  const [before, after] = [numbers(head), numbers(tail)];
  return [...before, ...Array<number>(8 - before.length - after.length).fill(0), ...after];
}
