import { PassThrough } from 'node:stream';
import { describe, expect, it } from '@jest/globals';
import { BarProgress } from '../src/progress/displays.ts';

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
