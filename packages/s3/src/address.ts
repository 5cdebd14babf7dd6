import { FaroutError } from '@farout/core';

/** A bucket, and the key prefix of an address. */
export interface Place {
  readonly bucket: string;
  /** Empty, or ending with a slash. */
  readonly prefix: string;
}

/** Amazon's rule; other providers allow no more. */
const bucketName = /^(?!\d+\.\d+\.\d+\.\d+$)[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/;

/**
 * Parses `s3://bucket/prefix`.
 *
 * @throws FaroutError OOD_BAD_PARAMETER when it is invalid, or contains a user, password, query or fragment: experiments are stored with results.
 */
export function placeOf(address: string): Place {
  const [, bucket = '', path = ''] = /^s3:\/\/([^/]*)(?:\/(.*))?$/is.exec(address) ?? [];
  if (bucket.includes('@') || /[?#]/.test(address))
    throw refused(
      'contains more than a bucket and a prefix',
      'Put credentials into environment variables; remove everything after ? and #.',
    );
  if (!bucketName.test(bucket))
    throw refused(
      'has no bucket',
      'Write s3://bucket/prefix; bucket names have lower-case letters, digits, dots and hyphens.',
    );
  const steps = decoded(path)
    .split('/')
    .filter((step) => step !== '');
  if (steps.some((step) => step === '.' || step === '..'))
    throw refused('has a step "." or ".."', 'Write the prefix exactly as in the keys.');
  return { bucket, prefix: steps.map((step) => `${step}/`).join('') };
}

function decoded(path: string): string {
  try {
    return decodeURIComponent(path);
  } catch {
    return path;
  }
}

const refused = (what: string, fix: string) =>
  new FaroutError('OOD_BAD_PARAMETER', `an s3:// address ${what}`, { fix });

/**
 * Encodes a key as a URL path.
 *
 * @throws FaroutError OOD_BAD_PARAMETER for a key that URLs would change, with a segment "." or "..", or longer than 1,024 bytes.
 */
export function pathOfKey(key: string): string {
  if (key.split('/').some((step) => step === '.' || step === '..') || Buffer.byteLength(key) > 1024)
    throw refused(`has a key that cannot be requested: ${JSON.stringify(key.slice(0, 80))}`, 'Rename the object.');
  return key.split('/').map(encodeURIComponent).join('/');
}
