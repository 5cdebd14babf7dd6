import { describe, expect, it } from '@jest/globals';
import { cosine, Random, sine } from '../src/numbers.ts';

const draw = (text: string, count: number, next: (random: Random) => number) => {
  const random = new Random(text);
  return Array.from({ length: count }, () => next(random));
};

/** sfc32 and FNV-1a in exact integers, as their authors write them down. */
function* reference(text: string): Generator<number> {
  const word = (value: bigint) => BigInt.asUintN(32, value);
  const hash = (basis: bigint) =>
    Array.from(text, (letter) => BigInt(letter.charCodeAt(0))).reduce(
      (value, code) => word((value ^ code) * 16777619n),
      basis,
    );
  let [a, b, c, counter] = [hash(0x811c9dc5n), hash(0x2545f491n), BigInt(text.length), 1n];
  for (let i = 0; ; i++) {
    const sum = word(a + b + counter);
    const rotated = word(c << 21n) | (c >> 11n);
    [a, b, c, counter] = [b ^ (b >> 9n), word(c + (c << 3n)), word(rotated + sum), word(counter + 1n)];
    if (i >= 16) yield Number(sum) / 2 ** 32;
  }
}

describe('Random', () => {
  it('gives the numbers of sfc32', () => {
    const expected = reference('objects 3 17');
    for (const value of draw('objects 3 17', 200, (random) => random.next())) expect(value).toBe(expected.next().value);
  });

  it('another text gives other numbers', () => {
    const [a, b] = ['objects 1 2', 'objects 2 1'].map((text) => draw(text, 4, (random) => random.next()));
    expect(a).not.toEqual(b);
  });

  it('between stays in its range and fills it evenly', () => {
    const values = draw('range', 20_000, (random) => random.between(-2, 6));
    expect(Math.min(...values)).toBeGreaterThanOrEqual(-2);
    expect(Math.max(...values)).toBeLessThan(6);
    expect(values.reduce((a, b) => a + b, 0) / values.length).toBeCloseTo(2, 1);
  });

  it('pick takes each item equally often', () => {
    const random = new Random('pick');
    const counts = { a: 0, b: 0, c: 0 };
    for (let i = 0; i < 30_000; i++) counts[random.pick(['a', 'b', 'c'] as const)]++;
    for (const count of Object.values(counts)) expect(Math.abs(count - 10_000)).toBeLessThan(400);
  });

  it('normal has mean 0 and variance 1', () => {
    const values = draw('normal', 40_000, (random) => random.normal());
    expect(values.reduce((a, b) => a + b, 0) / values.length).toBeCloseTo(0, 1);
    expect(values.reduce((a, b) => a + b * b, 0) / values.length).toBeCloseTo(1, 1);
  });
});

const angles = Array.from({ length: 4001 }, (_, i) => (i - 2000) / 700);

describe('sine and cosine of turns', () => {
  it.each(['sine', 'cosine'] as const)('%s agrees with Math within 10⁻⁹, also beyond one turn', (name) => {
    const [ours, theirs] = name === 'sine' ? [sine, Math.sin] : [cosine, Math.cos];
    for (const turns of angles) expect(Math.abs(ours(turns) - theirs(2 * Math.PI * turns))).toBeLessThan(1e-9);
  });
});
