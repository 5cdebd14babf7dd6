import { lookup as resolveName, type LookupAddress } from 'node:dns';
import type { LookupFunction } from 'node:net';
import type { Dispatcher, EnvHttpProxyAgent as ProxyAgent } from 'undici';
import { isPrivate } from '../address.ts';

/** The user's environment variables. */
export type Environment = Readonly<Record<string, string | undefined>>;

/** What a connection is made with. */
export interface ConnectionOptions {
  readonly env: Environment;
  /** Ends connections, and what is being connected. */
  readonly signal: AbortSignal;
  /** How long connecting may take, in milliseconds. */
  readonly timeout: number;
  /** The fault of a private address; where it is absent, any may be asked. */
  readonly refusePrivate: (() => Error) | undefined;
}

/** What makes the connections of one request. */
export interface Connections {
  readonly dispatcher: Dispatcher;
  /** The address that was connected; undefined behind a proxy, which resolves names itself. */
  readonly connected: () => string | undefined;
}

/** Connects to an address, through a proxy where the usual variables name one, small or capital. */
export async function connections(
  url: URL,
  { env, signal, timeout, refusePrivate }: ConnectionOptions,
): Promise<Connections> {
  // Who loads nothing need not wait for it: it takes as long to load as all of Node.
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
    // Is not asked where there is a proxy.
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

/** For http and https alike: which of them is asked is known. undici sends no name without a password by itself. */
function proxies(text: string): Pick<ProxyAgent.Options, 'httpProxy' | 'httpsProxy' | 'token'> {
  if (text === '') return { httpProxy: '', httpsProxy: '' };
  const url = new URL(/^\w+:\/\//.test(text) ? text : `http://${text}`);
  const pair = `${decodeURIComponent(url.username)}:${decodeURIComponent(url.password)}`;
  const token = pair === ':' ? {} : { token: `Basic ${Buffer.from(pair).toString('base64')}` };
  return { httpProxy: url.href, httpsProxy: url.href, ...token };
}

/** Resolves names, and refuses those that have a private address. The connection goes to what is checked here. */
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
