import { readFileSync } from 'node:fs';
import path from 'node:path';
import type { RunResults } from '@farout/core';
import { farout } from '../farout-process.ts';
import { allOf, atMost, type Check } from './check.ts';
import type { Workplace } from './end-to-end.ts';

/** What learns of each of a thousand classes refuses photographs of 456 of them, and says so. */
const refusals: Readonly<Record<string, RegExp>> = {
  OpenMax: /^openmax needs three correctly classified images of each class/,
  SHE: /^she needs a correctly classified image of each class/,
  Mahalanobis: /^the fit set has no image of class 2 and 543 more/,
  'Mahalanobis++': /^the fit set has no image of class 2 and 543 more/,
  RMDS: /^the fit set has no image of class 2 and 543 more/,
  'RMDS++': /^the fit set has no image of class 2 and 543 more/,
  CARef: /^caref needs an image predicted as each class/,
  CADRef: /^cadref needs an image predicted as each class/,
  Gram: /^the fit set has no image of class 2/,
  'Mahalanobis ensemble': /class/,
};

/** All detectors on the reference photographs: each image read once, and a refusal costs its own row alone. */
export async function everything({ data, folder }: Workplace): Promise<Check[]> {
  const words = ['run', 'configs/photographs-all.yaml', '--set', `store=${folder}/store`, '--no-report'];
  const run = async (out: string) => {
    const { seconds } = await farout([...words, '--out', path.join(folder, out)], { env: { FAROUT_DATA: data } });
    const results = JSON.parse(readFileSync(path.join(folder, out, 'results.json'), 'utf8')) as RunResults;
    return { seconds, results };
  };
  const { results } = await run('first');
  const second = await run('second');
  const { extract, fit, score } = results.seconds;
  const asSaid = results.failed.filter(({ detector, message }) => refusals[detector]?.test(message));
  const unexpected = results.failed.filter((each) => !asSaid.includes(each));
  for (const { detector, message } of unexpected) console.error(`${detector}: ${message}`);
  const images = Object.values(results.datasets).reduce((sum, set) => sum + set.images, 0);
  return [
    allOf('photographs-all: refusals as they are written down', asSaid.length, Object.keys(refusals).length),
    atMost('photographs-all: other detectors that failed', unexpected.length, 0),
    atMost('photographs-all: images decoded, of each one', results.passes!.reduce((a, b) => a + b, 0) / images, 2),
    atMost('photographs-all: fitting and scoring ÷ extraction', (fit! + score!) / extract!, 1),
    atMost('photographs-all: second run, seconds in all', second.seconds, 10),
  ];
}
