import { isIP } from 'node:net';
import type { Readable } from 'node:stream';
import type { Dispatcher } from 'undici';
import { checkedAddress, hostOf, isPrivate, refused, type Address } from '../address.ts';
import { connections, type Environment } from './dispatcher.ts';
import { Broken } from './faults.ts';

/** The response of a server, without decoding or following redirects. */
export interface Response {
  readonly status: number;
  readonly statusText: string;
  /** By lower-case name. */
  readonly headers: Readonly<Record<string, string | undefined>>;
  readonly body: Readable;
  /** Closes the connection; an unfinished body ends with the fault. */
  readonly end: (fault?: Error) => void;
}

/** A response, and the address it finally came from. */
export interface Answer {
  readonly response: Response;
  readonly from: Address;
}

/** Options of a request. */
export interface RequestOptions {
  readonly headers: Readonly<Record<string, string>>;
  readonly env: Environment;
  readonly signal: AbortSignal;
  /** How long to wait for a response, in ms. */
  readonly silence: number;
}

const mostRedirects = 5;
const redirects = [301, 302, 303, 307, 308];

/**
 * Requests an address, and follows up to five redirects: only to http and https, never from https to http, never from a public address to a
 * private one. A token is sent only to its own host, and no longer after a redirect to another host.
 *
 * @throws FaroutError OOD_ADDRESS_REFUSED, or any other connection error.
 */
export async function request(address: Address, options: RequestOptions): Promise<Answer> {
  let from = address;
  let token = tokenFor(address.url, options.env);
  let publicOnly = false;
  for (let followed = 0; ; followed++) {
    const { response, wasPublic } = await ask(from, { ...options, token, publicOnly });
    const { location } = response.headers;
    if (!redirects.includes(response.status) || location === undefined) return { response, from };
    response.end();
    if (followed === mostRedirects) throw refused(`${address.shown} redirects more than ${mostRedirects} times`);
    const to = redirected(from, location);
    if (to.url.origin !== from.url.origin) token = undefined;
    publicOnly ||= wasPublic;
    from = to;
  }
}

function redirected(from: Address, location: string): Address {
  if (!URL.canParse(location, from.url.href)) throw refused(`${from.shown} redirects to an invalid address`);
  const to = checkedAddress(new URL(location, from.url));
  if (from.url.protocol === 'https:' && to.url.protocol === 'http:')
    throw refused(`${from.shown} redirects from https to http (${to.shown})`);
  return to;
}

/**
 * The token of a host: FAROUT_TOKENS="huggingface.co=hf_… other.org=…". Manifests cannot influence where it is sent, and without TLS it is sent
 * only to this machine.
 */
function tokenFor(url: URL, env: Environment): string | undefined {
  const isSafe = url.protocol === 'https:' || ['localhost', '127.0.0.1', '[::1]'].includes(url.hostname);
  const pairs = (env.FAROUT_TOKENS ?? '').split(/[\s,]+/).map((pair) => [pair.split('=', 1)[0], pair] as const);
  const pair = isSafe ? pairs.find(([host]) => host === url.host)?.[1] : undefined;
  return pair?.slice(url.host.length + 1);
}

interface AskOptions extends RequestOptions {
  readonly token: string | undefined;
  /** Whether the redirect comes from a public address: private ones are then refused. */
  readonly publicOnly: boolean;
}

async function ask(address: Address, options: AskOptions): Promise<{ response: Response; wasPublic: boolean }> {
  const { env, silence, publicOnly } = options;
  const host = hostOf(address.url);
  const isIp = isIP(host) !== 0;
  const toPrivate = () => refused(`a public address redirects to a private one (${address.shown})`);
  // A proxy resolves names itself, so only names that obviously mean this machine or a private network can be detected.
  if (publicOnly && (isIp ? isPrivate(host) : /(^|\.)localhost\.?$/.test(host))) throw toPrivate();
  const stop = new AbortController();
  const signal = AbortSignal.any([options.signal, stop.signal]);
  const refusePrivate = publicOnly ? toPrivate : undefined;
  const { dispatcher, connected } = await connections(address.url, { env, signal, timeout: silence, refusePrivate });
  const timer = setTimeout(() => stop.abort(new Broken(`no answer within ${silence / 1000} s`)), silence);
  try {
    const response = await sent(address.url, dispatcher, options);
    const ip = connected();
    return { response, wasPublic: ip === undefined ? !isIp || !isPrivate(host) : !isPrivate(ip) };
  } catch (error) {
    void dispatcher.destroy();
    signal.throwIfAborted();
    throw error;
  } finally {
    clearTimeout(timer);
  }
}

async function sent(url: URL, dispatcher: Dispatcher, { headers, token }: AskOptions): Promise<Response> {
  const answered = await dispatcher.request({
    method: 'GET',
    origin: url.origin,
    path: url.pathname + url.search,
    headers: {
      'user-agent': 'farout',
      accept: '*/*',
      'accept-encoding': 'identity',
      ...headers,
      ...(token !== undefined && { authorization: `Bearer ${token}` }),
    },
    // The reader of the body has its own timeout.
    headersTimeout: 0,
    bodyTimeout: 0,
  });
  const { statusCode, statusText, body } = answered;
  // The reader of the body gets its errors; those of a discarded body are ignored.
  body.on('error', () => undefined);
  const single = Object.entries(answered.headers).map(([name, value]) => [name, [value].flat()[0]] as const);
  const end = (fault?: Error) => {
    body.destroy(fault);
    void dispatcher.destroy();
  };
  return { status: statusCode, statusText, headers: Object.fromEntries(single), body, end };
}
