import { describe, expect, it } from '@jest/globals';
import { ToldProgress, type RunEvent } from '../src/events.ts';
import { CountingProgress } from './fixtures/tiny.ts';

/** A pass over `total` images, one at a time, each taking `milliseconds`. */
function eventsOf(total: number, milliseconds: number, done = 0) {
  const events: RunEvent[] = [];
  const shown = new CountingProgress();
  let now = 0;
  const progress = new ToldProgress(shown, (event) => events.push(event), { now: () => now });
  progress.start('sun', total, done);
  for (let at = done; at < total; at++) {
    now += milliseconds;
    progress.advance(1);
  }
  progress.stop();
  return { events, shown };
}

describe('ToldProgress', () => {
  it('tells a begin, how far it is once a second, and the end', () => {
    expect(eventsOf(5, 400).events).toEqual([
      { event: 'pass', pass: 'sun', done: 0, total: 5 },
      { event: 'progress', pass: 'sun', done: 3, total: 5 },
      { event: 'pass-end', pass: 'sun', done: 5, total: 5, seconds: 2 },
    ]);
  });

  it('tells no more of fast images than of slow ones', () => {
    expect(eventsOf(100_000, 0.0625).events).toHaveLength(2 + 6);
    expect(eventsOf(6, 1000).events).toHaveLength(2 + 6);
  });

  it('begins with what was done before', () => {
    expect(eventsOf(5, 1, 4).events[0]).toEqual({ event: 'pass', pass: 'sun', done: 4, total: 5 });
  });

  it('leaves the display every image', () => {
    expect(eventsOf(5, 1, 2).shown).toMatchObject({ stages: 1, images: 3 });
  });
});
