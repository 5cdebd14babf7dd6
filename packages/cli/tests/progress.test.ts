import { PassThrough } from 'node:stream';
import { describe, expect, it } from '@jest/globals';
import { BarProgress, duration, LineProgress, showsColour } from '../src/progress.ts';

/** A terminal of 80 columns that remembers what was written to it. */
function terminal() {
  const screen = Object.assign(new PassThrough(), { isTTY: true, columns: 80 });
  let now = 0;
  const progress = new BarProgress(screen, { now: () => now });
  return { progress, pass: (seconds: number) => (now += 1000 * seconds), written: () => String(screen.read()) };
}

describe('BarProgress', () => {
  it('draws the stage, a bar, the count, images per second and the time left', () => {
    const { progress, pass, written } = terminal();
    progress.start('extract sun', 40, 0);
    pass(2);
    progress.advance(4);
    pass(2);
    progress.advance(6);
    progress.print('a warning');
    progress.stop();
    expect(written()).toContain(`extract sun ${'█'.repeat(6)}${'░'.repeat(18)} 10/40  3.0 images/s, 10 s left`);
  });

  it('leaves one line of a stage that is over', () => {
    const { progress, pass, written } = terminal();
    progress.start('extract sun', 4, 0);
    pass(2);
    progress.advance(4);
    progress.stop();
    expect(written()).toMatch(/\u001b\[2Kextract sun: 4\/4 \(100 %\) in 2 s, 2\.0 images\/s\n$/);
  });

  it('prints lines on a cleared line and draws the bar anew below', () => {
    const { progress, written } = terminal();
    progress.print('before');
    progress.start('extract sun', 4, 0);
    progress.print('a warning');
    const text = written();
    progress.stop();
    expect(text).toMatch(/^before\n/);
    expect(text).toMatch(/\u001b\[2Ka warning\n.*extract sun ░+ 0\/4 [^\n]*$/);
  });

  it('never switches off what a killed process could not switch on again', () => {
    const { progress, written } = terminal();
    progress.start('extract sun', 4, 0);
    expect(written()).not.toMatch(/\u001b\[\?\d+l/);
    progress.stop();
  });
});

/** Runs a stage of `total` images, `batch` of them at a time, each batch taking `seconds`. */
function linesOf(total: number, batch: number, seconds: number, done = 0): string[] {
  const lines: string[] = [];
  let now = 0;
  const progress = new LineProgress((line) => lines.push(line), { now: () => now });
  progress.start('extract sun', total, done);
  for (let at = done; at < total; at += batch) {
    now += 1000 * seconds;
    progress.advance(batch);
  }
  progress.stop();
  return lines;
}

describe('LineProgress', () => {
  it('says where it begins, every tenth, and how it ended', () => {
    expect(linesOf(40, 4, 2)).toEqual([
      'extract sun: 40 images',
      'extract sun: 4/40 (10 %)',
      'extract sun: 8/40 (20 %), 2.0 images/s, 16 s left',
      'extract sun: 12/40 (30 %), 2.0 images/s, 14 s left',
      'extract sun: 16/40 (40 %), 2.0 images/s, 12 s left',
      'extract sun: 20/40 (50 %), 2.0 images/s, 10 s left',
      'extract sun: 24/40 (60 %), 2.0 images/s, 8 s left',
      'extract sun: 28/40 (70 %), 2.0 images/s, 6 s left',
      'extract sun: 32/40 (80 %), 2.0 images/s, 4 s left',
      'extract sun: 36/40 (90 %), 2.0 images/s, 2 s left',
      'extract sun: 40/40 (100 %) in 20 s, 2.0 images/s',
    ]);
  });

  it('speaks at most once a second', () => {
    expect(linesOf(40, 4, 0.25)).toEqual([
      'extract sun: 40 images',
      'extract sun: 16/40 (40 %), 16.0 images/s, 2 s left',
      'extract sun: 32/40 (80 %), 16.0 images/s, 1 s left',
      'extract sun: 40/40 (100 %) in 3 s, 16.0 images/s',
    ]);
  });

  it('speaks every ten seconds when a tenth takes long', () => {
    expect(linesOf(1000, 10, 4).slice(0, 3)).toEqual([
      'extract sun: 1000 images',
      'extract sun: 30/1000 (3 %), 2.5 images/s, 6 min 28 s left',
      'extract sun: 60/1000 (6 %), 2.5 images/s, 6 min 16 s left',
    ]);
  });

  it('does not count what was done before for its speed', () => {
    expect(linesOf(40, 20, 2, 20)).toEqual([
      'extract sun: 40 images, 20 of them done before',
      'extract sun: 40/40 (100 %) in 2 s, 10.0 images/s',
    ]);
  });

  it('measures the speed from the first images on, whatever came before them, and by the last half minute', () => {
    const lines: string[] = [];
    let now = 0;
    const progress = new LineProgress((line) => lines.push(line), { now: () => now });
    progress.start('extract sun', 1000, 0);
    const pass = (seconds: number, images: number) => {
      now += 1000 * seconds;
      progress.advance(images);
    };
    pass(48, 8);
    pass(10, 40);
    for (let i = 0; i < 8; i++) pass(10, 20);
    expect(lines.slice(1, 3)).toEqual([
      'extract sun: 8/1000 (0 %)',
      'extract sun: 48/1000 (4 %), 4.0 images/s, 3 min 58 s left',
    ]);
    expect(lines.at(-1)).toBe('extract sun: 208/1000 (20 %), 2.0 images/s, 6 min 36 s left');
  });

  it('says what is prepared, and how long it took where it took a while', () => {
    const lines: string[] = [];
    let now = 0;
    const progress = new LineProgress((line) => lines.push(line), { now: () => now });
    for (const seconds of [0.2, 48]) {
      progress.start('Loading the network', 2, 0, 'processes');
      now += 1000 * seconds;
      progress.advance(2);
      progress.stop();
    }
    expect(lines).toEqual([
      'Loading the network: 2 processes',
      'Loading the network: 2 processes',
      'Loading the network: 2/2 (100 %) in 48 s',
    ]);
  });

  it('tells how far a stage came that was stopped', () => {
    const lines: string[] = [];
    const progress = new LineProgress((line) => lines.push(line), { now: () => 0 });
    progress.start('extract sun', 3, 0);
    progress.advance(1);
    progress.stop();
    progress.stop();
    expect(lines).toEqual(['extract sun: 3 images', 'extract sun: 1/3 (33 %) in 0 s']);
  });

  it('has no trouble with a stage of no images', () => {
    expect(linesOf(0, 1, 1)).toEqual(['extract sun: 0 images', 'extract sun: 0/0 (100 %) in 0 s']);
  });
});

const onTerminal = { isTTY: true };

it('shows colours on a terminal only, and not on a dumb one', () => {
  expect(showsColour(onTerminal, {})).toBe(true);
  expect(showsColour({}, {})).toBe(false);
  expect(showsColour(onTerminal, { TERM: 'dumb' })).toBe(false);
});

it('obeys NO_COLOR before FORCE_COLOR, and both before what the stream is', () => {
  expect(showsColour(onTerminal, { NO_COLOR: '1', FORCE_COLOR: '1' })).toBe(false);
  expect(showsColour({}, { FORCE_COLOR: '1' })).toBe(true);
  expect(showsColour(onTerminal, { FORCE_COLOR: '0' })).toBe(false);
  expect(showsColour(onTerminal, { NO_COLOR: '' })).toBe(true);
});

it.each([
  [0, '0 s'],
  [59.4, '59 s'],
  [59.6, '1 min 00 s'],
  [125, '2 min 05 s'],
  [3599.7, '1 h 00 min'],
  [12_060, '3 h 21 min'],
])('says %d seconds as %s', (seconds, text) => {
  expect(duration(seconds)).toBe(text);
});
