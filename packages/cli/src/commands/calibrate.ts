import path from 'node:path';
import { printable } from '@farout/core';
import { imageFolder } from '@farout/datasets';
import { calibrateDetector, type Calibrated } from '@farout/deploy';
import { amount } from '../amount.ts';
import { exitCodes } from '../command.ts';
import { userFolder } from '../invocation.ts';
import { checkedShare, userPath } from '../option-values.ts';
import { displayOn } from '../progress.ts';
import { refuseExisting, writeNew } from '../write-new.ts';

/** Arguments of `farout calibrate`. */
interface CalibrateOptions {
  readonly model: string;
  readonly images: string;
  readonly tpr: number;
  readonly confidence?: number | undefined;
  readonly 'per-class': boolean;
  readonly to: string;
  readonly quiet: boolean;
}

/** `farout calibrate`: rewrites a detector's file with a threshold whose guarantee holds for the user's own images. */
export async function calibrate(options: CalibrateOptions): Promise<number> {
  const { model, images, tpr, confidence, to, quiet } = options;
  const file = userPath('to', to);
  await refuseExisting(file, to);
  const root = path.resolve(userFolder(), images);
  const folder = await imageFolder.open({ root, labels: 'none' });
  const calibrated = await calibrateDetector({
    model: path.resolve(userFolder(), model),
    images: folder.images.map(({ id }) => ({ name: path.join(images, id), image: path.join(root, id) })),
    tpr: checkedShare('tpr', tpr),
    ...(confidence !== undefined && { confidence: checkedShare('confidence', confidence) }),
    perClass: options['per-class'],
    ...(!quiet && { progress: displayOn(process.stderr) }),
  });
  await writeNew(file, to, calibrated.bytes);
  for (const { name, reason } of calibrated.unreadable)
    process.stderr.write(`${printable(name)} was left out: ${printable(reason)}\n`);
  process.stdout.write(`${summary(to, images, calibrated).join('\n')}\n`);
  return exitCodes.done;
}

function summary(to: string, images: string, calibrated: Calibrated): string[] {
  const { description, refused, repeated, images: n } = calibrated;
  const { detector, threshold, learntFrom } = description;
  const own = threshold.own ?? [];
  return [
    `${printable(to)}: ${printable(detector)}, calibrated on ${amount(n, 'image')} of ${printable(images)}`,
    ...(repeated.length > 0 ? [`${repeated.length} that duplicate another file were left out.`] : []),
    own.length > 0
      ? `Thresholds: ${own.length} classes have their own, all others share one: ${n - refused} of these ${n} exceed theirs.`
      : `An image counts as in-distribution when its score exceeds ${threshold.value}: ${n - refused} of these ${n} do.`,
    promise(threshold),
    ...(own.length > 0 ? ['This holds for each of these classes separately, and for the others together.'] : []),
    assumption(threshold),
    learntFrom
      ? 'None of the images was used to fit the detector or to choose its parameters.'
      : 'The file does not record which images the detector learnt from: make sure that none of them is among these.',
  ];
}

type Threshold = Calibrated['description']['threshold'];

function promise({ alpha, k, n, confidence, own = [] }: Threshold): string {
  if (confidence !== undefined)
    return `With a confidence of ${confidence}, ${own.length > 0 ? 'each' : 'this'} threshold refuses at most ${percent(alpha)} of images like these.`;
  if (own.length > 0)
    return `On average over sets of as many images, at most ${percent(alpha)} of images like these are refused.`;
  return `On average over sets of ${n} images, at most ${percent(k / (n + 1))} (${k} of ${n + 1}) of images like these are refused.`;
}

const percent = (share: number) => `${Number((100 * share).toPrecision(3))} %`;

/** The assumption of the guarantee; that for a single set is stronger. */
const assumption = ({ confidence }: Threshold) =>
  confidence === undefined
    ? 'This holds if future images and these are exchangeable (any order equally likely): taken from the same sources, in the same way, at the same times and places.'
    : 'This holds if future images and these are drawn independently from the same sources: not, for instance, as frames of one video.';
