import { lookup as resolveName, type LookupAddress } from 'node:dns';
import type { LookupFunction } from 'node:net';
import type { Dispatcher, EnvHttpProxyAgent as ProxyAgent } from 'undici';
import { isPrivate } from '../address.ts';

/** Environment variables. */
export type Environment = Readonly<Record<string, string | undefined>>;

/** Options of a connection. */
export interface ConnectionOptions {
  readonly env: Environment;
  /** Aborts connections and connection attempts. */
  readonly signal: AbortSignal;
  /** Connection timeout in ms. */
  readonly timeout: number;
  /** Makes the error for a private address; if absent, private addresses are allowed. */
  readonly refusePrivate: (() => Error) | undefined;
}

/** The connections of one request. */
export interface Connections {
  readonly dispatcher: Dispatcher;
  /** The connected IP address; undefined behind a proxy, which resolves names itself. */
  readonly connected: () => string | undefined;
}

/** Connects to an address, through a proxy if the usual variables name one, in upper or lower case. */
export async function connections(
  url: URL,
  { env, signal, timeout, refusePrivate }: ConnectionOptions,
): Promise<Connections> {
  // Loaded lazily: it takes as long to load as all of Node.
  const { buildConnector, EnvHttpProxyAgent } = await import('undici');
  const variable = (name: string) => env[name.toLowerCase()] ?? env[name];
  const proxy = variable(url.protocol === 'https:' ? 'HTTPS_PROXY' : 'HTTP_PROXY') ?? variable('ALL_PROXY') ?? '';
  let connected: string | undefined;
  const direct = buildConnector({ timeout, signal, lookup: lookup(refusePrivate) });
  const toProxy = { timeout, signal };
  const dispatcher = new EnvHttpProxyAgent({
    ...proxies(proxy),
    noProxy: variable('NO_PROXY') ?? '',
    proxyTunnel: false,
    proxyTls: toProxy,
    requestTls: toProxy,
    // Not called behind a proxy.
    connect: (options, done) =>
      direct(options, (fault, socket) => {
        connected = socket?.remoteAddress;
        if (fault) done(fault, null);
        else if (refusePrivate && isPrivate(connected ?? '')) {
          socket.destroy();
          done(refusePrivate(), null);
        } else done(null, socket);
      }),
  });
  return { dispatcher, connected: () => connected };
}

/** For http and https alike, because the protocol is known. undici does not send a user name without a password by itself. */
function proxies(text: string): Pick<ProxyAgent.Options, 'httpProxy' | 'httpsProxy' | 'token'> {
  if (text === '') return { httpProxy: '', httpsProxy: '' };
  const url = new URL(/^\w+:\/\//.test(text) ? text : `http://${text}`);
  const pair = `${decodeURIComponent(url.username)}:${decodeURIComponent(url.password)}`;
  const token = pair === ':' ? {} : { token: `Basic ${Buffer.from(pair).toString('base64')}` };
  return { httpProxy: url.href, httpsProxy: url.href, ...token };
}

/** Resolves names, and refuses those with a private address. The connection uses the address checked here. */
const lookup =
  (refusePrivate: (() => Error) | undefined): LookupFunction =>
  (name, options, done) => {
    resolveName(name, { ...options, all: true }, (error, addresses: LookupAddress[]) => {
      if (error) done(error, '', 4);
      else if (refusePrivate && addresses.some(({ address }) => isPrivate(address))) done(refusePrivate(), '', 4);
      else if (options.all) done(null, addresses);
      else done(null, addresses[0]!.address, addresses[0]!.family);
    });
  };
