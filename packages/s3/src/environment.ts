import { FaroutError } from '@farout/core';

/** Environment variables. */
export type Environment = Readonly<Record<string, string | undefined>>;

/** Who asks. Nothing of it is ever shown or written. */
export interface Credentials {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken?: string;
}

/**
 * The credentials as the environment has them now: they are asked for at each request, so that renewed ones count.
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

/** A blank or a line break would end in an error of the system that shows all of it. */
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

/** Where buckets lie. */
export interface Endpoint {
  readonly region: string;
  /** What stands in front of a key: the bucket is part of the host's name or the first step of the path. It ends with a slash. */
  readonly base: string;
  readonly host: string;
}

/**
 * Where a bucket lies: Amazon's endpoint of the region, or that of AWS_ENDPOINT_URL_S3 or AWS_ENDPOINT_URL, where the bucket is the first step of the
 * path.
 *
 * @throws FaroutError OOD_BAD_PARAMETER for an endpoint that is no http or https address, or carries more than that.
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

/** An empty variable is one that is not set. */
const firstSet = (env: Environment, names: readonly string[]): string | undefined =>
  names.map((name) => env[name]).find((value) => value !== undefined && value !== '');

/** A bucket with a dot in its name is none that a certificate of Amazon's is made for. */
function amazon(bucket: string, region: string): string {
  const domain = region.startsWith('cn-') ? 'amazonaws.com.cn' : 'amazonaws.com';
  return `https://${bucket.includes('.') ? '' : `${bucket}.`}s3.${region}.${domain}/`;
}

function customEndpoint(text: string): URL {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  const isPlain = url && /^https?:$/.test(url.protocol) && !url.username && !url.password && !url.search && !url.hash;
  if (isPlain) return url;
  // What is wrong with it may be a password.
  throw refused(
    'AWS_ENDPOINT_URL_S3 or AWS_ENDPOINT_URL must be an http or https address without a user, a password and a query',
    'Write it as http://host:port; credentials have their own variables.',
  );
}

const refused = (message: string, fix: string) => new FaroutError('OOD_BAD_PARAMETER', message, { fix });

/** Whether nothing may be asked over the network: FAROUT_OFFLINE is set, and neither empty nor 0. */
export const isOffline = ({ FAROUT_OFFLINE: value = '' }: Environment): boolean => !['', '0'].includes(value);
