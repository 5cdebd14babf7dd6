import { FaroutError } from '@farout/core';

/** Environment variables. */
export type Environment = Readonly<Record<string, string | undefined>>;

/** Credentials. They are never shown or written anywhere. */
export interface Credentials {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken?: string;
}

/**
 * The current credentials of the environment. They are read at each request, so renewed credentials take effect.
 *
 * @throws FaroutError OOD_STORAGE_REFUSED when there are none.
 */
export function credentialsIn(env: Environment): Credentials {
  const {
    AWS_ACCESS_KEY_ID: accessKeyId,
    AWS_SECRET_ACCESS_KEY: secretAccessKey,
    AWS_SESSION_TOKEN: sessionToken,
  } = env;
  if (accessKeyId && secretAccessKey) {
    refuseOdd({
      AWS_ACCESS_KEY_ID: accessKeyId,
      AWS_SECRET_ACCESS_KEY: secretAccessKey,
      AWS_SESSION_TOKEN: sessionToken,
    });
    return { accessKeyId, secretAccessKey, ...(sessionToken && { sessionToken }) };
  }
  const absent = [!accessKeyId && 'AWS_ACCESS_KEY_ID', !secretAccessKey && 'AWS_SECRET_ACCESS_KEY'].filter(Boolean);
  throw new FaroutError(
    'OOD_STORAGE_REFUSED',
    `there are no credentials for s3:// addresses: ${absent.join(' and ')} not set`,
    {
      fix: 'Set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, and AWS_SESSION_TOKEN for temporary credentials.',
    },
  );
}

/** Refuses spaces and line breaks, which would cause a system error that shows the whole value. */
function refuseOdd(variables: Environment): void {
  const odd = Object.entries(variables).find(([, value]) => value && !/^[\x21-\x7e]+$/.test(value));
  if (!odd) return;
  throw new FaroutError(
    'OOD_STORAGE_REFUSED',
    `${odd[0]} has whitespace, a line break or a character that credentials cannot contain`,
    {
      fix: 'Set it again, without surrounding text.',
    },
  );
}

/** The location of buckets. */
export interface Endpoint {
  readonly region: string;
  /** The URL before a key: the bucket is part of the host name or the first path segment. Ends with a slash. */
  readonly base: string;
  readonly host: string;
}

/**
 * The endpoint of a bucket: Amazon's for the region, or that of AWS_ENDPOINT_URL_S3 or AWS_ENDPOINT_URL, where the bucket is the first path
 * segment.
 *
 * @throws FaroutError OOD_BAD_PARAMETER for an endpoint that is not an http or https address, or has extra parts.
 */
export function endpointOf(bucket: string, env: Environment): Endpoint {
  const region = firstSet(env, ['AWS_REGION', 'AWS_DEFAULT_REGION']) ?? 'us-east-1';
  if (!/^[a-z0-9-]{1,40}$/.test(region))
    throw refused('AWS_REGION is not a region', 'Use a region such as eu-central-1.');
  const custom = firstSet(env, ['AWS_ENDPOINT_URL_S3', 'AWS_ENDPOINT_URL']);
  const root = custom !== undefined ? customEndpoint(custom) : new URL(amazon(bucket, region));
  const base = custom !== undefined || bucket.includes('.') ? `${root.href.replace(/\/*$/, '/')}${bucket}/` : root.href;
  return { region, base, host: root.host };
}

/** The first variable that is set and not empty. */
const firstSet = (env: Environment, names: readonly string[]): string | undefined =>
  names.map((name) => env[name]).find((value) => value !== undefined && value !== '');

/** Amazon's certificates do not cover bucket names with a dot. */
function amazon(bucket: string, region: string): string {
  const domain = region.startsWith('cn-') ? 'amazonaws.com.cn' : 'amazonaws.com';
  return `https://${bucket.includes('.') ? '' : `${bucket}.`}s3.${region}.${domain}/`;
}

function customEndpoint(text: string): URL {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  const isPlain = url && /^https?:$/.test(url.protocol) && !url.username && !url.password && !url.search && !url.hash;
  if (isPlain) return url;
  // The invalid value may contain a password, so it is not shown.
  throw refused(
    'AWS_ENDPOINT_URL_S3 or AWS_ENDPOINT_URL must be an http or https address without a user, a password and a query',
    'Write it as http://host:port; credentials have their own variables.',
  );
}

const refused = (message: string, fix: string) => new FaroutError('OOD_BAD_PARAMETER', message, { fix });

/** Whether the network is off limits: FAROUT_OFFLINE is set, and neither empty nor 0. */
export const isOffline = ({ FAROUT_OFFLINE: value = '' }: Environment): boolean => !['', '0'].includes(value);
