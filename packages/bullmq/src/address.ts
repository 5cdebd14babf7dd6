import { FaroutError } from '@farout/core';

/** The variable that holds an address with a password, so that no list of processes shows it. */
export const addressVariable = 'FAROUT_QUEUE';

/**
 * The address of a queue's server: as it is given, or from `FAROUT_QUEUE` where "bullmq" stands for it.
 *
 * @throws FaroutError OOD_BAD_COMMAND when it is no address of Redis, is absent, or shows a password to all who can list processes. It is never
 *   shown with its user, password and query.
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

/** An address as messages have it: without user, password and query. */
export const shownAddress = ({ protocol, host, pathname }: URL): string => `${protocol}//${host}${pathname}`;
