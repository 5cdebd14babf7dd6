import { readFileSync } from 'node:fs';
import path from 'node:path';
import type { RunResults } from '@farout/core';
import { farout } from '../farout-process.ts';
import { allOf, atMost, type Check } from './check.ts';
import type { Workplace } from './end-to-end.ts';
import { writePhotographsPage } from './photographs-page.ts';

const larger = 'in the fit set; N of 1000 classes have too few: C, …. Use a larger fit set, with images of each class.';
const every = 'Fit on images of every class.';
const noClass = `the fit set has no image of class 2 and 543 more of the network's 1000. ${every}`;

/** Detectors that fit every class must refuse photographs of only 456 of a thousand classes, with a message; N and C stand for count and classes. */
const refusals: Readonly<Record<string, string>> = {
  OpenMax: `openmax needs three correctly classified images of each class ${larger}`,
  SHE: `she needs a correctly classified image of each class ${larger}`,
  Mahalanobis: noClass,
  'Mahalanobis++': noClass,
  RMDS: noClass,
  'RMDS++': noClass,
  CARef: `caref needs an image predicted as each class ${larger}`,
  CADRef: `cadref needs an image predicted as each class ${larger}`,
  Gram: noClass,
  'Mahalanobis ensemble': noClass,
};

/** A message without its counts and classes: which images are classified correctly may differ between machines. */
const asWritten = (message: string) => message.replace(/\d+( of 1000 classes have too few: )[\d, ]+…/, 'N$1C, …');

/** All detectors on the reference photographs: each image is read once, and a refusal loses only its own row. */
export async function everything({ data, folder }: Workplace): Promise<Check[]> {
  const words = ['run', 'configs/photographs-all.yaml', '--set', `store=${folder}/store`, '--no-report'];
  const run = async (out: string) => {
    const options = { env: { FAROUT_DATA: data }, watched: true };
    const { seconds, megabytes } = await farout([...words, '--out', path.join(folder, out)], options);
    const results = JSON.parse(readFileSync(path.join(folder, out, 'results.json'), 'utf8')) as RunResults;
    return { seconds, megabytes, results, scores: readFileSync(path.join(folder, out, 'scores.csv'), 'utf8') };
  };
  const first = await run('first');
  const second = await run('second');
  const { results } = first;
  if (process.argv.includes('--write')) writePhotographsPage(results);
  const { extract, fit, score } = results.seconds;
  const asSaid = results.failed.filter(({ detector, message }) => asWritten(message) === refusals[detector]);
  const unexpected = results.failed.filter((each) => !asSaid.includes(each));
  for (const { detector, message } of unexpected) console.error(`${detector}: ${message}`);
  const images = Object.values(results.datasets).reduce((sum, set) => sum + set.images, 0);
  return [
    allOf('photographs-all: refusals as they are written down', asSaid.length, Object.keys(refusals).length),
    atMost('photographs-all: other detectors that failed', unexpected.length, 0),
    atMost('photographs-all: images decoded, of each one', results.passes!.reduce((a, b) => a + b, 0) / images, 2),
    atMost('photographs-all: fitting and scoring ÷ extraction', (fit! + score!) / extract!, 1),
    ...(first.megabytes === undefined ? [] : [atMost('photographs-all: peak memory, MiB', first.megabytes, 2048)]),
    atMost('photographs-all: second run, seconds in all', second.seconds, 10),
    allOf('photographs-all: second run with the same scores', Number(second.scores === first.scores), 1),
  ];
}
