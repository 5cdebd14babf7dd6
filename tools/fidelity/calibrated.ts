import { mkdirSync, copyFileSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { loadDetector } from '../../packages/deploy/src/index.ts';
import { readRunScores } from '../../packages/deploy/src/run-scores.ts';
import { conformalP, conformalRank, conformalRejections } from '../../packages/statistics/src/index.ts';
import { Random } from '../../packages/demo/src/numbers.ts';
import { farout } from '../farout-process.ts';
import { atMost, type Check } from './check.ts';
import type { Workplace } from './end-to-end.ts';

/** A detector without fitting, so that all photographs are exchangeable. */
const detector = 'ReAct c=1.3';
const sets = ['photographs', 'fit-photographs', 'flowers'] as const;
const alpha = 0.05;
const q = 0.1;
const splits = 1000;
/** Tolerance for chance in a mean over this many. */
const slack = 1.02;

/** Calibrates a detector on one half of the reference photographs and judges the other half; repeated for many other halves. */
export async function calibrated(place: Workplace): Promise<Check[]> {
  const run = await runAndExport(place);
  const halves = halvesOf(place);
  const file = path.join(place.folder, 'calibrated.onnx');
  await expectDone(['calibrate', path.join(place.folder, 'exported.onnx'), halves.calibration, '--to', file]);
  const scores = await scoresIn(run);
  return [...(await judged(file, halves.judged)), ...resplit(scores)];
}

async function runAndExport({ data, folder }: Workplace): Promise<string> {
  const run = path.join(folder, 'calibrated');
  const set = [`store=${folder}/store`, 'id=[photographs, fit-photographs]', 'ood=[flowers]', 'fit=photographs'];
  const words = ['run', 'configs/photographs-mobilenet-v2.yaml', '--no-report', '--out', run];
  const only = `detectors={"${detector}": [{react: {c: 1.3}}, energy]}`;
  await expectDone([...words, ...[...set, only].flatMap((each) => ['--set', each])], data);
  await expectDone(['export', run, '--detector', detector, '--to', path.join(folder, 'exported.onnx')], data);
  return run;
}

async function expectDone(words: readonly string[], data?: string): Promise<void> {
  const ended = await farout(words, { ...(data !== undefined && { env: { FAROUT_DATA: data } }) });
  if (ended.code !== 0) throw new Error(`${words.join(' ')}:\n${ended.stderr}`);
  if (words[0] === 'calibrate') console.log(ended.stdout);
}

/** Every second photograph is for calibration, the others are judged; in separate folders. */
function halvesOf({ data, folder }: Workplace) {
  const from = path.join(data, 'images/imagenet-val');
  const names = readFileSync(path.join(from, 'list.txt'), 'utf8')
    .trim()
    .split('\n')
    .map((line) => line.split(' ')[0]!);
  const halves = { calibration: path.join(folder, 'half'), judged: path.join(folder, 'other-half') };
  for (const half of Object.values(halves)) mkdirSync(half);
  for (const [at, name] of names.entries())
    copyFileSync(path.join(from, name), path.join(at % 2 === 0 ? halves.calibration : halves.judged, name));
  return { ...halves, judged: names.flatMap((name, at) => (at % 2 === 0 ? [] : [path.join(halves.judged, name)])) };
}

/** The rejected share of images not used for calibration varies with them and with the calibration images. */
async function judged(file: string, images: readonly string[]): Promise<Check[]> {
  const detector = await loadDetector(file);
  const { threshold } = detector.description;
  if (threshold.rule !== 'conformal') throw new Error('it is not calibrated');
  let refused = 0;
  for (const image of images) refused += Number(!(await detector.score(image)).isInDistribution);
  await detector.close();
  const { k, n } = threshold;
  const promised = k / (n + 1);
  const error = Math.sqrt((promised * (1 - promised) * (1 + (images.length - 1) / (n + 2))) / images.length);
  const what = `photographs: ${refused} of ${images.length} refused by a threshold of ${n} others, away from ${k} / ${n + 1}`;
  return [atMost(`${what}, in standard deviations`, Math.abs(refused / images.length - promised) / error, 3)];
}

async function scoresIn(run: string) {
  const all = await Promise.all(sets.map((set) => readRunScores(run, detector, [set])));
  const [some, others, flowers] = all.map((each) => each.all);
  return { photographs: Float32Array.of(...some!, ...others!), flowers: flowers! };
}

/** The same photographs split into random halves: the guarantee on average. */
function resplit({ photographs, flowers }: Awaited<ReturnType<typeof scoresIn>>): Check[] {
  const random = new Random('halves of photographs');
  const half = photographs.length / 2;
  const k = conformalRank(half, alpha);
  let [refused, wrong, found] = [0, 0, 0];
  for (let split = 0; split < splits; split++) {
    const shuffled = shuffle(photographs, random);
    const [calibration, others] = [shuffled.slice(0, half).sort(), shuffled.slice(half)];
    refused += others.filter((score) => score < calibration[k - 1]!).length / half;
    const p = [...others, ...flowers].map((score) => conformalP(score, calibration));
    const rejected = conformalRejections(p, half, q);
    const rejectedId = rejected.filter((image) => image < half).length;
    wrong += rejectedId / Math.max(1, rejected.length);
    found += (rejected.length - rejectedId) / flowers.length;
  }
  const promised = k / (half + 1);
  const share = half / (half + flowers.length);
  const mixed = `${half} photographs and ${flowers.length} flowers`;
  return [
    atMost(
      `photographs: mean share refused over ${splits} halves, ÷ ${promised.toFixed(5)}`,
      refused / splits / promised,
      slack,
    ),
    atMost(
      `photographs: false ones of those refused at q = ${q} of ${mixed} (${((100 * found) / splits).toFixed(1)} % of the flowers found), mean`,
      wrong / splits,
      Number((q * share * slack).toFixed(4)),
    ),
  ];
}

function shuffle(values: Float32Array, random: Random): Float32Array {
  const shuffled = Float32Array.from(values);
  for (let at = shuffled.length - 1; at > 0; at--) {
    const other = Math.floor(random.between(0, at + 1));
    [shuffled[at], shuffled[other]] = [shuffled[other]!, shuffled[at]!];
  }
  return shuffled;
}
