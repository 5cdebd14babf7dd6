import { FaroutError } from '@farout/core';

/** The environment variable for an address with a password, which process lists do not show. */
export const addressVariable = 'FAROUT_QUEUE';

/**
 * The address of a queue's server: as given, or from `FAROUT_QUEUE` if "bullmq" is given.
 *
 * @throws FaroutError OOD_BAD_COMMAND when it is not a Redis address, is missing, or would show a password in process lists. Messages never
 *   show user, password and query.
 */
export function queueAddress(given: string, env: Readonly<Record<string, string | undefined>>): URL {
  const isNamed = given !== 'bullmq';
  const text = isNamed ? given : env[addressVariable];
  if (!text) {
    throw new FaroutError('OOD_BAD_COMMAND', `${addressVariable} is not set to the address of a queue`, {
      fix: `Set it, as in ${addressVariable}=rediss://user:password@host:6380; without a password, you can write redis://host:6379 instead of "bullmq".`,
    });
  }
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (!url || !['redis:', 'rediss:'].includes(url.protocol) || url.hostname === '') {
    const where = isNamed ? 'the value given' : addressVariable;
    throw new FaroutError('OOD_BAD_COMMAND', `${where} is not the address of a Redis server`, {
      fix: 'Write redis://host:6379, or rediss:// for TLS.',
    });
  }
  if (isNamed && (url.password !== '' || url.search !== '')) {
    throw new FaroutError('OOD_BAD_COMMAND', `the address of ${shownAddress(url)} contains a password`, {
      fix: `Everyone on this machine can read it there. Put the address into ${addressVariable}, and write "bullmq" instead.`,
    });
  }
  return url;
}

/** An address for messages: without user, password and query. */
export const shownAddress = ({ protocol, host, pathname }: URL): string => `${protocol}//${host}${pathname}`;
