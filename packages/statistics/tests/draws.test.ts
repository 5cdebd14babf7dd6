import { describe, expect, it } from '@jest/globals';
import { drawCounts, groupCount, groupNumbers, quantile, type DrawKey } from '@farout/statistics';

/** sfc32, FNV-1a and MurmurHash3's end as their authors write them, on whole numbers without an end. */
function plainCounts({ seed, set, draw }: DrawKey, images: number): number[] {
  const bits = (x: bigint) => BigInt.asUintN(32, x);
  const hash = (start: bigint) => {
    let h = bits(0x811c9dc5n ^ start);
    for (const unit of set.split('')) h = bits((h ^ BigInt(unit.charCodeAt(0))) * 0x01000193n);
    h = bits((h ^ (h >> 16n)) * 0x85ebca6bn);
    h = bits((h ^ (h >> 13n)) * 0xc2b2ae35n);
    return h ^ (h >> 16n);
  };
  const [low, high] = [bits(BigInt(seed)), bits(BigInt(seed) >> 32n)];
  let [a, b, c, counter] = [hash(low), hash(bits(~high)), bits(BigInt(draw + 1) * 0x9e3779b9n), 1n];
  const next = () => {
    const sum = bits(a + b + counter++);
    a = b ^ (b >> 9n);
    b = bits(c * 9n);
    c = bits(bits((c << 21n) | (c >> 11n)) + sum);
    return sum;
  };
  for (let turn = 0; turn < 16; turn++) next();
  const counts = Array<number>(images).fill(0);
  for (let image = 0; image < images; image++) counts[Number((next() * BigInt(images)) >> 32n)]!++;
  return counts;
}

const drawn = (key: DrawKey, images: number, groups?: Int32Array) => {
  const counts = new Uint8Array(images).fill(7);
  drawCounts(key, counts, groups);
  return [...counts];
};

describe('groupNumbers', () => {
  it('counts groups as they come, and gives an image without one a group of its own', () => {
    expect([...groupNumbers(['b', undefined, 'a', 'b', undefined, 'a'])]).toEqual([0, 1, 2, 0, 3, 2]);
  });
});

describe('drawCounts', () => {
  it.each([
    [{ seed: 0, set: 'id', draw: 0 }, 1],
    [{ seed: 0, set: 'id', draw: 0 }, 10],
    [{ seed: 3, set: 'ood Ångström', draw: 1999 }, 1000],
    [{ seed: 2 ** 40 + 5, set: 'ood a', draw: 7 }, 33],
  ])('draws what the published generator does, for %j and %d images', (key, images) => {
    expect(drawn(key, images)).toEqual(plainCounts(key, images));
  });

  it('does not change from one release to the next', () => {
    expect(drawn({ seed: 0, set: 'id', draw: 0 }, 12)).toEqual([1, 0, 2, 0, 3, 0, 0, 4, 0, 1, 1, 0]);
  });

  it('draws as many images as there are, each as often as another, whatever the others do', () => {
    const [images, draws] = [40, 4000];
    const [sums, squares] = [new Float64Array(images), new Float64Array(images)];
    let together = 0;
    for (let draw = 0; draw < draws; draw++) {
      const [a, b] = [drawn({ seed: 1, set: 'a', draw }, images), drawn({ seed: 1, set: 'b', draw }, images)];
      expect(a.reduce((sum, count) => sum + count)).toBe(images);
      for (const [image, count] of a.entries()) {
        sums[image]! += count;
        squares[image]! += (count - 1) ** 2;
      }
      together += (a[0]! - 1) * (b[0]! - 1);
    }
    // A count has mean 1 and variance 1 − 1/n: five standard errors.
    for (const sum of sums) expect(Math.abs(sum / draws - 1)).toBeLessThan(5 / Math.sqrt(draws));
    const variance = squares.reduce((sum, square) => sum + square) / (images * draws);
    expect(variance).toBeCloseTo(1 - 1 / images, 1.7);
    expect(Math.abs(together / draws)).toBeLessThan(5 / Math.sqrt(draws));
  });

  it('draws the images of a group together, as many groups as there are', () => {
    const groups = Int32Array.of(0, 1, 0, 2, 1, 0);
    expect(groupCount(groups)).toBe(3);
    for (let draw = 0; draw < 20; draw++) {
      const key = { seed: 0, set: 'a', draw };
      const ofGroups = plainCounts(key, 3);
      expect(drawn(key, 6, groups)).toEqual([...groups].map((group) => ofGroups[group]));
    }
  });
});

describe('quantile', () => {
  it('is the smallest number up to which at least such a share of them lies', () => {
    expect([0, 0.2, 0.21, 0.5, 0.8, 1].map((share) => quantile([1, 2, 4, 8, 16], share))).toEqual([1, 1, 2, 4, 8, 16]);
    expect(
      [0.025, 0.975].map((share) =>
        quantile(
          Array.from({ length: 2000 }, (_, at) => at + 1),
          share,
        ),
      ),
    ).toEqual([50, 1950]);
    expect(quantile([3], 0.975)).toBe(3);
  });
});
