import { describe, expect, it } from '@jest/globals';
import { cosine, sine } from '../src/trigonometry.ts';

const angles = Array.from({ length: 4001 }, (_, i) => (i - 2000) / 700);

describe('sine and cosine of turns', () => {
  it.each(['sine', 'cosine'] as const)('%s agrees with Math within 10⁻⁹, also beyond one turn', (name) => {
    const [ours, theirs] = name === 'sine' ? [sine, Math.sin] : [cosine, Math.cos];
    for (const turns of angles) expect(Math.abs(ours(turns) - theirs(2 * Math.PI * turns))).toBeLessThan(1e-9);
  });
});
