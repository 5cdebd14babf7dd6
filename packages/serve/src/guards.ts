import type { IncomingHttpHeaders } from 'node:http';
import { limits } from './limits.ts';
import { Problem } from './problems.ts';

/** The parts of a request that are checked before its body is read. */
export interface RequestHead {
  readonly method: string;
  /** The path of the route, as it is declared. */
  readonly route: string | undefined;
  readonly headers: IncomingHttpHeaders;
}

/** Routes for orchestrators, which use addresses not known beforehand. They reveal nothing to a malicious page. */
const openToAll = ['/healthz', '/readyz', '/v2/health/live', '/v2/health/ready'];

/**
 * Why a request is refused by its head alone; undefined if it is not. Each request gets the first reason that applies.
 *
 * @param allowed - Hosts in addition to loopback, in lower case, with or without a port.
 */
export function refusalOf({ method, route, headers }: RequestHead, allowed: readonly string[]): Problem | undefined {
  const isOpen = route !== undefined && openToAll.includes(route);
  if (!isOpen && !isAllowedHost(headers.host ?? '', allowed))
    return new Problem('OOD_SERVE_HOST', 'the request is addressed to a host that --allow-host does not name');
  if (headers.origin !== undefined && !isSameOrigin(headers.origin, headers.host ?? ''))
    return new Problem('OOD_SERVE_ORIGIN', 'pages of other origins may not use this service');
  if (headers['content-encoding'] !== undefined)
    return new Problem('OOD_SERVE_ENCODING', 'send the body as it is, without Content-Encoding');
  return lengthRefusal(method, headers);
}

function lengthRefusal(method: string, headers: IncomingHttpHeaders): Problem | undefined {
  const length = headers['content-length'];
  if (headers['transfer-encoding'] !== undefined || (method === 'POST' && length === undefined))
    return new Problem('OOD_SERVE_LENGTH', 'a Content-Length is required; chunked bodies are not supported');
  return length === undefined ? undefined : tooLong(Number(length), headers['content-type'] ?? '');
}

/** A body of one image may be as long as an image, one of several as long as a request. */
function tooLong(length: number, type: string): Problem | undefined {
  const most = mostBytes(mediaType(type));
  if (length <= most) return undefined;
  return new Problem('OOD_SERVE_TOO_LARGE', `the body has ${length} bytes, more than ${most}`);
}

function mostBytes(type: string): number {
  if (type === 'multipart/form-data') return limits.requestBytes;
  return type === 'application/json' ? limits.jsonBytes : limits.imageBytes;
}

/** A media type without its parameters. */
export const mediaType = (contentType: string): string => contentType.split(';', 1)[0]!.trim().toLowerCase();

const loopback = /^(?:localhost|127(?:\.\d{1,3}){3}|\[::1\])$/;

/** Whether a Host header names loopback or an allowed host. Prevents DNS rebinding by web pages. */
function isAllowedHost(host: string, allowed: readonly string[]): boolean {
  const [, name] = /^(\[[0-9a-f:.]+\]|[^\s:[\]]+)(?::\d{1,5})?$/.exec(host.toLowerCase()) ?? [];
  if (name === undefined) return false;
  return loopback.test(name) || allowed.includes(name) || allowed.includes(host.toLowerCase());
}

const isSameOrigin = (origin: string, host: string) =>
  ['http', 'https'].some((scheme) => origin.toLowerCase() === `${scheme}://${host.toLowerCase()}`);
