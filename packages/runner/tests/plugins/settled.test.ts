import { describe, expect, it } from '@jest/globals';
import { settled } from '../../src/plugins/settled.ts';

const never = new Promise<never>(() => undefined);

describe('settled', () => {
  it('gives what the promise gives, and leaves no listener behind', async () => {
    const before = process.listenerCount('beforeExit');
    expect(await settled(Promise.resolve(7), new AbortController().signal)).toBe(7);
    await expect(settled(Promise.reject(new Error('no luck')))).rejects.toThrow('no luck');
    expect(process.listenerCount('beforeExit')).toBe(before);
  });

  it('throws the reason of a signal that comes first, or that has come', async () => {
    const controller = new AbortController();
    const waiting = settled(never, controller.signal);
    controller.abort(new Error('stopped'));
    await expect(waiting).rejects.toThrow('stopped');
    await expect(settled(never, controller.signal)).rejects.toThrow('stopped');
  });

  it('fails when nothing is left that could settle the promise', async () => {
    const waiting = settled(never);
    process.emit('beforeExit', 0);
    await expect(waiting).rejects.toThrow('it never ends');
  });
});
