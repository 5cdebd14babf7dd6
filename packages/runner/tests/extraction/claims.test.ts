import { hostname } from 'node:os';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { describe, expect, it } from '@jest/globals';
import type { Store } from '@farout/core';
import { Claims } from '../../src/extraction/claims.ts';
import { sealed, unsealed } from '../../src/store/entries.ts';
import { FileStore } from '../../src/store/store.ts';
import { silent, temporaryFolder } from '../fixtures/tiny.ts';

/** A store that says which keys were written. */
function noting(store: FileStore): Pick<Store, 'read' | 'write' | 'create'> & { readonly keys: Set<string> } {
  const keys = new Set<string>();
  return {
    keys,
    read: store.read,
    write: (key, bytes) => store.write(key, bytes),
    create: (key, bytes) => {
      keys.add(key);
      return store.create(key, bytes);
    },
  };
}

async function claimOf(other: { host?: string; process?: number; time?: number }) {
  const store = noting(new FileStore(await temporaryFolder()));
  const claims = new Claims(store, silent, () => 1_000_000);
  // Its own claim tells the key.
  await claims.take('place', ['features']);
  const [key] = store.keys;
  await store.write(key!, sealed({ host: hostname(), process: 1, time: 1_000_000, ...other }));
  return claims.take('place', ['features']);
}

/** The number of a process that has ended. */
async function endedProcess(): Promise<number> {
  const child = spawn(process.execPath, ['-e', '']);
  await once(child, 'exit');
  return child.pid!;
}

describe('Claims', () => {
  it('leaves a stretch to a process that is at work on it', async () => {
    expect(await claimOf({})).toBeUndefined();
    expect(await claimOf({ host: 'another', process: 4_000_000 })).toBeUndefined();
  });

  it('takes one over whose process has ended, that nobody has renewed for 90 seconds, or that is its own', async () => {
    expect(await claimOf({ process: await endedProcess() })).toBe('again');
    expect(await claimOf({ host: 'another', time: 1_000_000 - 90_001 })).toBe('again');
    expect(await claimOf({ process: process.pid })).toBe('again');
  });

  it('takes one over that is of the future, as of a host whose clock is ahead', async () => {
    expect(await claimOf({ host: 'another', time: 1_000_000 + 60_000 })).toBeUndefined();
    expect(await claimOf({ host: 'another', time: 1_000_000 + 90_001 })).toBe('again');
  });

  it('gives a stretch to one of two that ask for it at once', async () => {
    const store = new FileStore(await temporaryFolder());
    const created = await Promise.all(Array.from({ length: 8 }, () => store.create('claims/x', new Uint8Array(1))));
    expect(created.filter((isMine) => isMine)).toHaveLength(1);
  });

  it('says again that it is at work after half a minute, and not before', async () => {
    const store = noting(new FileStore(await temporaryFolder()));
    let now = 0;
    const claims = new Claims(store, silent, () => now);
    await claims.take('place', ['features']);
    const [key] = store.keys;
    const said = async () => Buffer.from((await store.read(key!))!).toString();
    const first = await said();
    now = 29_999;
    await claims.renew('place', ['features']);
    expect(await said()).toBe(first);
    now = 30_001;
    await claims.renew('place', ['features']);
    expect(await said()).toContain('30001');
  });

  it('gives one up that it has taken, and none of another process', async () => {
    const store = noting(new FileStore(await temporaryFolder()));
    const claims = new Claims(store, silent, () => 1_000_000);
    await claims.take('place', ['features']);
    const [key] = store.keys;
    const time = async () => (unsealed((await store.read(key!))!) as { time: number }).time;
    await claims.release('place', ['features']);
    expect(await time()).toBe(0);
    await store.write(key!, sealed({ host: hostname(), process: 1, time: 1_000_000 }));
    await claims.release('place', ['features']);
    expect(await time()).toBe(1_000_000);
    expect(await claims.take('place', ['features'])).toBeUndefined();
  });

  it('computes all the same where the store takes no claim', async () => {
    const refusing = { read: () => Promise.resolve(undefined), write: refuse, create: refuse };
    const warnings: string[] = [];
    const claims = new Claims(refusing, { warn: (sentence) => void warnings.push(sentence) });
    expect(await claims.take('place', ['features'])).toBe('again');
    expect(warnings).toEqual([expect.stringContaining('read-only')]);
  });
});

const refuse = () => Promise.reject(new Error('read-only'));
