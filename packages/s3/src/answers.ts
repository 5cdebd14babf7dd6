import { EntryGone, FaroutError } from '@farout/core';
import { XMLParser } from 'fast-xml-parser';

/** The complete response of a server. */
export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly body: Buffer;
}

/** The meaning of an unexpected response. */
export type Refusal =
  /** Transient: retry. */
  | { readonly kind: 'passing'; readonly what: string; readonly waitAtLeast?: number }
  /** The clocks differ by more than signatures allow; `time` is the server's time. */
  | { readonly kind: 'skewed'; readonly time: number }
  | { readonly kind: 'final'; readonly error: FaroutError };

/** The request and its bucket, for messages. */
export interface Asked {
  readonly method: string;
  readonly bucket: string;
  readonly key: string;
  readonly region: string;
}

/** Error codes that mean "retry later". */
const passing = [
  'SlowDown',
  'InternalError',
  'ServiceUnavailable',
  'RequestTimeout',
  'OperationAborted',
  'ConditionalRequestConflict',
  'Throttling',
  'ThrottlingException',
  'RequestLimitExceeded',
  'TooManyRequests',
  'BandwidthLimitExceeded',
];
const expired = ['ExpiredToken', 'ExpiredTokenException', 'TokenRefreshRequired', 'RequestExpired'];

/** Interprets an unexpected response. */
export function refusalOf({ status, headers, body }: Answer, asked: Asked): Refusal {
  const { code } = errorIn(body);
  if (code === 'RequestTimeTooSkewed') return { kind: 'skewed', time: Date.parse(headers.get('date') ?? '') };
  if (status >= 500 || status === 408 || status === 429 || passing.includes(code))
    return { kind: 'passing', what: `status ${status}${said(code)}`, ...waitOf(headers) };
  return { kind: 'final', error: finalError(status, code, headers, asked) };
}

const said = (code: string) => (code === '' ? '' : ` (${code})`);

/** Limited to a minute: a server must not make clients wait arbitrarily long. */
function waitOf(headers: Headers): { readonly waitAtLeast?: number } {
  const seconds = Number(headers.get('retry-after'));
  return seconds > 0 ? { waitAtLeast: Math.min(60, seconds) * 1000 } : {};
}

function finalError(status: number, code: string, headers: Headers, asked: Asked): FaroutError {
  const { bucket, key, region, method } = asked;
  const what = `s3://${bucket}/${key}`;
  if (expired.includes(code))
    return new FaroutError('OOD_CREDENTIALS_EXPIRED', `the credentials for s3://${bucket} have expired`, {
      fix: 'Get new ones, set AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY and AWS_SESSION_TOKEN, and run the same command again: it continues from what is stored.',
    });
  const elsewhere = headers.get('x-amz-bucket-region');
  if (status >= 300 && (status < 400 || code === 'AuthorizationHeaderMalformed'))
    return new FaroutError(
      'OOD_STORAGE_REFUSED',
      `s3://${bucket} is not in the region ${region}${elsewhere ? '' : said(code)}`,
      {
        fix:
          elsewhere && /^[a-z0-9-]+$/.test(elsewhere)
            ? `Set AWS_REGION=${elsewhere}.`
            : 'Set AWS_REGION or AWS_ENDPOINT_URL_S3 to its location.',
      },
    );
  if (code === 'NoSuchBucket')
    return new FaroutError('OOD_STORAGE_REFUSED', `there is no bucket s3://${bucket}`, {
      fix: 'Correct its name, or create it: farout does not create buckets.',
    });
  if (status === 401 || status === 403)
    return new FaroutError('OOD_STORAGE_REFUSED', `${method} ${what} was refused${said(code)}`, {
      fix: fixOf(code, method),
    });
  return new FaroutError('OOD_STORAGE_FAILED', `${method} ${what} failed with status ${status}${said(code)}`, {
    fix: 'The server does not support the request; docs/s3.md says what it must support.',
  });
}

function fixOf(code: string, method: string): string {
  if (code === 'InvalidAccessKeyId' || code === 'SignatureDoesNotMatch' || code === 'InvalidToken')
    return 'Check AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY and AWS_SESSION_TOKEN; credentials for another endpoint do not work.';
  const action =
    method === 'PUT'
      ? 's3:PutObject'
      : method === 'DELETE'
        ? 's3:DeleteObject'
        : 's3:GetObject and, on the bucket, s3:ListBucket';
  return `Give these credentials the permission ${action}.`;
}

/** The error for an entry that has been removed or replaced. */
export const gone = ({ bucket, key }: Asked, status: number) =>
  new EntryGone(`s3://${bucket}/${key} ${status === 404 ? 'no longer exists' : 'has changed since it was listed'}`);

/** Parsed XML; all values are text. */
export interface XmlTree {
  readonly [name: string]: string | XmlTree | readonly XmlTree[] | undefined;
}

const parser = new XMLParser({
  parseTagValue: false,
  trimValues: false,
  isArray: (name) => name === 'Contents' || name === 'CommonPrefixes',
});

/** Parses an XML response; undefined if it is not XML or incomplete. */
export function xmlOf(body: Buffer): XmlTree | undefined {
  const text = body.toString('utf8').trim();
  const [, root] = /^(?:<\?xml[^>]*\?>\s*)?<(\w+)[\s>]/.exec(text) ?? [];
  // S3 never declares entities.
  if (root === undefined || !text.endsWith(`</${root}>`) || text.includes('<!DOCTYPE')) return undefined;
  try {
    return parser.parse(text) as XmlTree;
  } catch {
    return undefined;
  }
}

/** The error code; empty if there is none, as in responses to HEAD. */
function errorIn(body: Buffer): { readonly code: string } {
  const { Error: error } = xmlOf(body) ?? {};
  const code = typeof error === 'object' && !Array.isArray(error) ? (error as XmlTree).Code : undefined;
  return { code: typeof code === 'string' && /^\w{1,60}$/.test(code) ? code : '' };
}
