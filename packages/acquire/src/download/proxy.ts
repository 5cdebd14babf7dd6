import http from 'node:http';
import type { Socket } from 'node:net';
import { hostOf, shownAddress } from '../address.ts';
import { Broken } from './faults.ts';

/** The user's environment variables. */
export type Environment = Readonly<Record<string, string | undefined>>;

/** The proxy that an address is asked through, by the usual variables, small or capital; undefined where there is none. */
export function proxyFor(url: URL, env: Environment): URL | undefined {
  const variable = (name: string) => env[name.toLowerCase()] ?? env[name];
  if (isExcepted(url, variable('NO_PROXY') ?? '')) return undefined;
  const text = variable(url.protocol === 'https:' ? 'HTTPS_PROXY' : 'HTTP_PROXY') ?? variable('ALL_PROXY') ?? '';
  if (text === '') return undefined;
  return URL.canParse(text) && /^https?:/.test(text) ? new URL(text) : new URL(`http://${text}`);
}

/** NO_PROXY: hosts and the domains above them, with or without a port, or `*`. */
function isExcepted(url: URL, list: string): boolean {
  const port = url.port || (url.protocol === 'https:' ? '443' : '80');
  const host = hostOf(url);
  return list
    .split(/[\s,]+/)
    .filter((each) => each !== '')
    .some((each) => {
      const [, name = '', only] = /^(?:\*?\.)?(.+?)(?::(\d+))?$/.exec(each) ?? [];
      return each === '*' || ((only ?? port) === port && (host === name || host.endsWith(`.${name}`)));
    });
}

/** What a proxy is told of the user: its own name and password, from its own variable. */
export function proxyAuthorization({ username, password }: URL): http.OutgoingHttpHeaders {
  if (username === '') return {};
  const pair = `${decodeURIComponent(username)}:${decodeURIComponent(password)}`;
  return { 'proxy-authorization': `Basic ${Buffer.from(pair).toString('base64')}` };
}

/** A connection through a proxy to a host, on which TLS is spoken. */
export async function tunnel(proxy: URL, to: URL, signal: AbortSignal, silence: number): Promise<Socket> {
  const target = `${to.hostname}:${to.port || '443'}`;
  const shown = shownAddress(proxy);
  const request = http.request({
    host: hostOf(proxy),
    port: proxy.port || 80,
    method: 'CONNECT',
    path: target,
    headers: { host: target, ...proxyAuthorization(proxy) },
    signal,
    agent: false,
  });
  const timer = setTimeout(() => request.destroy(new Broken(`the proxy ${shown} does not answer`)), silence);
  try {
    return await new Promise((resolve, reject) => {
      request.once('connect', ({ statusCode }, socket) => {
        if (statusCode === 200) resolve(socket);
        else {
          socket.destroy();
          reject(new Broken(`the proxy ${shown} answers ${statusCode ?? 0}`));
        }
      });
      request.once('error', reject);
      request.end();
    });
  } finally {
    clearTimeout(timer);
  }
}
