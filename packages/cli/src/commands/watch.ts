import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import path from 'node:path';
import { FaroutError, printable } from '@farout/core';
import { imageFolder } from '@farout/datasets';
import {
  loadDetector,
  lookAt,
  readDescription,
  readScoreLog,
  scoreImages,
  toldApart,
  watchOf,
  watchedGroups,
  type Description,
  type Judged,
} from '@farout/deploy';
import { exitCodes, stdinWord } from '../command.ts';
import { printEvent } from '../events.ts';
import { userFolder } from '../invocation.ts';
import { checkedShare } from '../option-values.ts';
import { displayOn } from '../progress.ts';
import { alarmText, lookText, watchText, type Alarm } from '../score/watch-text.ts';

/** Arguments of `farout watch`. */
interface WatchOptions {
  readonly model: string;
  readonly images: string;
  readonly alpha: number;
  readonly json: boolean;
  readonly 'fail-on-drift': boolean;
  readonly quiet: boolean;
}

/** What is watched: the detector's file, and the name of the images or log. */
interface Watched {
  readonly model: string;
  readonly description: Description;
  readonly name: string;
  readonly alpha: number;
}

/** `farout watch`: tells whether more images are refused than a detector's threshold promises, in a folder or in a log of scores. */
export async function watch(options: WatchOptions): Promise<number> {
  const alpha = checkedShare('alpha', options.alpha);
  const model = path.resolve(userFolder(), options.model);
  const description = await readDescription(model);
  watchedGroups(description);
  const isStdin = options.images === stdinWord;
  const watched = { model, description, name: isStdin ? 'stdin' : options.images, alpha };
  const place = path.resolve(userFolder(), options.images);
  const isDrift = (await isFolder(place, isStdin))
    ? await lookAtFolder(place, watched, options)
    : await watchLog(isStdin ? process.stdin : createReadStream(place), watched, options);
  return isDrift && options['fail-on-drift'] ? exitCodes.drifted : exitCodes.done;
}

async function isFolder(place: string, isStdin: boolean): Promise<boolean> {
  if (isStdin) return false;
  const stats = await stat(place).catch((cause: unknown) => {
    throw new FaroutError('OOD_MISSING_FILE', `${place} cannot be opened`, {
      fix: 'Name a folder of images, a log that `farout score` printed, or - for a log on stdin.',
      cause,
    });
  });
  return stats.isDirectory();
}

/** A single test of all images in a folder. */
async function lookAtFolder(root: string, watched: Watched, { json, quiet }: WatchOptions): Promise<boolean> {
  const { description, name, alpha } = watched;
  const folder = await imageFolder.open({ root, labels: 'none' });
  const files = folder.images.map(({ id }) => ({ name: path.join(name, id), image: path.join(root, id) }));
  const { images, repeated, learntFrom, unreadable } = await toldApart(files, description);
  if (learntFrom.length > 0)
    throw refused(`${learntFrom[0]!} was used to fit the detector or to choose its parameters`);
  const judged: Judged[] = [];
  const unread = unreadable.map((each) => ({ ...each }));
  const progress = quiet ? undefined : displayOn(process.stderr);
  const detector = await loadDetector(watched.model);
  progress?.start('Scoring', images.length, 0, 'images');
  try {
    for await (const scored of scoreImages(detector, images)) {
      if ('verdict' in scored) judged.push(scored.verdict);
      else unread.push({ name: scored.name, reason: scored.unreadable });
      progress?.advance(1);
    }
  } finally {
    progress?.stop();
    await detector.close();
  }
  for (const each of unread) process.stderr.write(`${printable(each.name)} was left out: ${printable(each.reason)}\n`);
  if (judged.length === 0) throw refused(`no image of ${name} can be read`);
  const look = lookAt(description, judged);
  const drift = look.p <= alpha;
  if (json)
    printEvent({ event: 'looked', ...look, unreadable: unread.length, repeated: repeated.length, alpha, drift });
  else process.stdout.write(lookText(name, look, { description, alpha, repeated: repeated.length }));
  return drift;
}

const refused = (why: string) =>
  new FaroutError('OOD_WATCH_REFUSED', why, { fix: 'Use newer images that the detector has not seen.' });

/** A test after every image of a log. An alarm is printed as soon as it occurs. */
async function watchLog(bytes: AsyncIterable<Uint8Array>, watched: Watched, { json }: WatchOptions): Promise<boolean> {
  const { description, name, alpha } = watched;
  const test = watchOf(description);
  let [images, refusals, unreadable] = [0, 0, 0];
  let alarm: Alarm | undefined;
  for await (const { line, name: image, judged } of readScoreLog({ bytes, name, description })) {
    if (!judged) {
      unreadable++;
      continue;
    }
    test.add(judged);
    images++;
    if (judged.isInDistribution) continue;
    refusals++;
    if (alarm || !test.reaches(1 / alpha)) continue;
    alarm = { line, image, images, refused: refusals, evidence: test.evidence() };
    if (json) printEvent({ event: 'alarm', ...alarm });
    else process.stdout.write(alarmText(name, alarm, alpha));
  }
  if (images === 0) throw noImages(name);
  const seen = { images, refused: refusals, unreadable, evidence: test.evidence(), groups: test.groups() };
  const drift = alarm !== undefined;
  if (json) printEvent({ event: 'watched', ...seen, alpha, drift, alarm: alarm?.line ?? null });
  else process.stdout.write(watchText(name, seen, { description, alpha, drift }));
  return drift;
}

const noImages = (name: string) =>
  new FaroutError('OOD_LOG_INVALID', `${name} has no scored images`, {
    fix: 'Give the output of `farout score --csv` or `farout score --json`.',
  });
