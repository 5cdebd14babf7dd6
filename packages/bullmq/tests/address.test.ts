import { describe, expect, it } from '@jest/globals';
import { queueAddress } from '../src/address.ts';

const refusal = (given: string, env = {}) => {
  try {
    return queueAddress(given, env).href;
  } catch (error) {
    return String(error);
  }
};

describe('the address of a queue', () => {
  it('is the one that is given', () => {
    expect(queueAddress('redis://127.0.0.1:6379/2', {}).href).toBe('redis://127.0.0.1:6379/2');
  });

  it('is read from the environment, with its password, where "bullmq" is given', () => {
    const FAROUT_QUEUE = 'rediss://worker:secret@queue.example:6380';
    expect(queueAddress('bullmq', { FAROUT_QUEUE }).password).toBe('secret');
  });

  it('is not taken with a password from where everybody can read it, and not shown with it', () => {
    const said = refusal('redis://worker:secret@queue.example:6379');
    expect(said).toMatch(/the address of redis:\/\/queue\.example:6379 contains a password$/);
  });

  it.each(['http://queue.example', 'redis:///tmp/socket', 'somewhere', 'redis://'])('is refused: %s', (address) => {
    expect(refusal(address)).toMatch(/the value given is not the address of a Redis server$/);
  });

  it('is not shown where the environment holds what is none', () => {
    expect(refusal('bullmq', { FAROUT_QUEUE: 'https://user:secret@queue.example' })).toMatch(
      /FAROUT_QUEUE is not the address of a Redis server$/,
    );
    expect(refusal('bullmq')).toMatch(/FAROUT_QUEUE is not set to the address of a queue$/);
  });
});
