import { lookup as resolveName, type LookupAddress } from 'node:dns';
import http from 'node:http';
import https from 'node:https';
import { isIP, type LookupFunction } from 'node:net';
import tls from 'node:tls';
import { checkedAddress, hostOf, isPrivate, refused, type Address } from '../address.ts';
import { Broken } from './faults.ts';
import { proxyAuthorization, proxyFor, tunnel, type Environment } from './proxy.ts';

/** An answer, and which address gave it in the end. */
export interface Answer {
  readonly response: http.IncomingMessage;
  readonly from: Address;
}

/** What a request is made with. */
export interface RequestOptions {
  readonly headers: Readonly<Record<string, string>>;
  readonly env: Environment;
  readonly signal: AbortSignal;
  /** How long an address may say nothing before it answers, in milliseconds. */
  readonly silence: number;
}

const mostRedirects = 5;
const redirects = [301, 302, 303, 307, 308];

/**
 * Asks an address, and follows up to five redirects: to http and https alone, never from https to http, never from a public address to a
 * private one. A token goes to its own host alone, and to nobody once another host was redirected to.
 *
 * @throws FaroutError OOD_ADDRESS_REFUSED, or any other error of the connection.
 */
export async function request(address: Address, options: RequestOptions): Promise<Answer> {
  let from = address;
  let token = tokenFor(address.url, options.env);
  let publicOnly = false;
  for (let followed = 0; ; followed++) {
    const { response, wasPublic } = await ask(from, { ...options, token, publicOnly });
    const { location } = response.headers;
    if (!redirects.includes(response.statusCode ?? 0) || location === undefined) return { response, from };
    response.destroy();
    if (followed === mostRedirects) throw refused(`${address.shown} redirects more than ${mostRedirects} times`);
    const to = redirected(from, location);
    if (to.url.origin !== from.url.origin) token = undefined;
    publicOnly ||= wasPublic;
    from = to;
  }
}

function redirected(from: Address, location: string): Address {
  if (!URL.canParse(location, from.url.href)) throw refused(`${from.shown} redirects to what is no address`);
  const to = checkedAddress(new URL(location, from.url));
  if (from.url.protocol === 'https:' && to.url.protocol === 'http:')
    throw refused(`${from.shown} redirects from https to http (${to.shown})`);
  return to;
}

/**
 * The token of a host: FAROUT_TOKENS="huggingface.co=hf_… other.org=…". No manifest has a say in where it goes, and it goes nowhere
 * without TLS but to this machine.
 */
function tokenFor(url: URL, env: Environment): string | undefined {
  const isSafe = url.protocol === 'https:' || ['localhost', '127.0.0.1', '[::1]'].includes(url.hostname);
  const pairs = (env.FAROUT_TOKENS ?? '').split(/[\s,]+/).map((pair) => [pair.split('=', 1)[0], pair] as const);
  const pair = isSafe ? pairs.find(([host]) => host === url.host)?.[1] : undefined;
  return pair?.slice(url.host.length + 1);
}

interface AskOptions extends RequestOptions {
  readonly token: string | undefined;
  /** Whether it comes from a public address, so that a private one is refused. */
  readonly publicOnly: boolean;
}

async function ask(
  address: Address,
  { headers, env, signal, silence, token, publicOnly }: AskOptions,
): Promise<{ response: http.IncomingMessage; wasPublic: boolean }> {
  const { url } = address;
  const host = hostOf(url);
  const proxy = proxyFor(url, env);
  // A proxy resolves names itself: of those, only what is plainly this machine or a private network can be told.
  if (publicOnly && ((isIP(host) !== 0 && isPrivate(host)) || (proxy && /(^|\.)localhost$/.test(host))))
    throw toPrivate(address);
  const options: http.RequestOptions = {
    method: 'GET',
    signal,
    headers: {
      'user-agent': 'farout',
      accept: '*/*',
      'accept-encoding': 'identity',
      ...headers,
      ...(token !== undefined && { authorization: `Bearer ${token}` }),
    },
  };
  const sent = proxy
    ? await throughProxy(url, proxy, options, silence)
    : send(url, { ...options, agent: false, lookup: lookup(publicOnly, () => toPrivate(address)) });
  const response = await answer(sent, silence);
  const ip = response.socket.remoteAddress ?? '';
  const wasPublic = proxy ? isIP(host) === 0 || !isPrivate(host) : !isPrivate(ip);
  if (publicOnly && !wasPublic) {
    response.destroy();
    throw toPrivate(address);
  }
  return { response, wasPublic };
}

const toPrivate = ({ shown }: Address) => refused(`a public address redirects to a private one (${shown})`);

const send = (url: URL, options: http.RequestOptions) =>
  url.protocol === 'https:' ? https.request(url, options) : http.request(url, options);

async function throughProxy(
  url: URL,
  proxy: URL,
  options: http.RequestOptions,
  silence: number,
): Promise<http.ClientRequest> {
  if (url.protocol === 'https:') {
    const socket = await tunnel(proxy, url, options.signal!, silence);
    const host = hostOf(url);
    const servername = isIP(host) === 0 ? { servername: host } : {};
    return https.request(url, { ...options, createConnection: () => tls.connect({ socket, host, ...servername }) });
  }
  return http.request({
    ...options,
    agent: false,
    host: hostOf(proxy),
    port: proxy.port || 80,
    path: `${url.origin}${url.pathname}${url.search}`,
    headers: { ...(options.headers as http.OutgoingHttpHeaders), host: url.host, ...proxyAuthorization(proxy) },
  });
}

/** Resolves names; with `publicOnly` none that has a private address. The connection goes to what is checked here. */
const lookup =
  (publicOnly: boolean, fault: () => Error): LookupFunction =>
  (name, options, done) => {
    resolveName(name, { ...options, all: true }, (error, addresses: LookupAddress[]) => {
      if (error) done(error, '', 4);
      else if (publicOnly && addresses.some(({ address }) => isPrivate(address))) done(fault(), '', 4);
      else if (options.all) done(null, addresses);
      else done(null, addresses[0]!.address, addresses[0]!.family);
    });
  };

function answer(sent: http.ClientRequest, silence: number): Promise<http.IncomingMessage> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => sent.destroy(new Broken(`no answer within ${silence / 1000} s`)), silence);
    sent.once('response', (response) => {
      clearTimeout(timer);
      resolve(response);
    });
    sent.on('error', (error) => {
      clearTimeout(timer);
      reject(error);
    });
    sent.end();
  });
}
