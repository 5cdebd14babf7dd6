import type { Family, ReportData, RunResults } from '@farout/core';
import { drawnRun } from './drawn-run.ts';
import { testedRun } from './tested-run.ts';

const families: readonly Family[] = ['logits', 'features', 'distance', 'gradient', 'maps'];
const near = ['ssb-hard', 'ninco', 'hybrid-shapes'];
const far = ['inaturalist', 'textures', 'openimage-o', 'places', 'sun', 'noise', 'unseen-shapes'];

/** A run of fifty detectors on ten sets, which has everything that a report shows; pictures are different bytes, as large as real ones. */
export function fiftyByTen(images = 300): { results: RunResults; data: ReportData } {
  const detectors = Array.from({ length: 50 }, (_, i) => (i === 17 ? 'Mahalanobis ensemble' : `Detector ${i + 1}`));
  const sets = [...near, ...far];
  const { data } = drawnRun({ detectors, sets, width: 96 });
  const results = testedRun(
    { detectors, sets, groups: { near, far }, images },
    {
      families: Object.fromEntries(detectors.map((name, i) => [name, families[i % families.length]!])),
      thresholds: Object.fromEntries(detectors.map((name) => [name, 20])),
      costs: { backbone: 5200, detectors: Object.fromEntries(detectors.map((name, i) => [name, 3 * 1.2 ** i])) },
    },
  );
  // Of some 300 images that several detectors get wrong, as in a measured run.
  const picture = (index: number) => Buffer.alloc(2800, `picture ${index % 300};`).toString('base64');
  const mistakes = data.mistakes.map(({ detector, highestOod, lowestId }, d) => ({
    detector,
    highestOod: highestOod.map((each, i) => ({ ...each, thumbnail: picture(d * 5 + i) })),
    lowestId: lowestId.map((each, i) => ({ ...each, thumbnail: picture(d * 3 + i + 150) })),
  }));
  return { results, data: { ...data, mistakes } };
}
