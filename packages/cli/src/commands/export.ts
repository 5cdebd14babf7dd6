import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { decodeText, printable } from '@farout/core';
import { exportDetector, huggingFaceFiles, type Exported, type ExportRequest } from '@farout/deploy';
import { builtIns } from '../built-ins.ts';
import { exitCodes } from '../command.ts';
import { badCommand } from '../errors.ts';
import { userFolder } from '../invocation.ts';
import { checkedShare, relocationOf, userPath } from '../option-values.ts';
import { displayOn } from '../progress.ts';
import { refuseExisting, writeNew } from '../write-new.ts';
import { refuseFolder, writeNewFolder } from '../write-new-folder.ts';

/** What the command line gives to `farout export`. */
interface ExportOptions {
  readonly run: string;
  readonly detector: string;
  readonly to?: string | undefined;
  readonly 'hugging-face'?: string | undefined;
  readonly tpr: number;
  readonly input?: string | undefined;
  readonly half: boolean;
  readonly labels?: string | undefined;
  readonly weights?: string | undefined;
  readonly data?: readonly string[] | undefined;
  readonly set: readonly string[];
  readonly plugin: readonly string[];
}

/** `farout export`: writes a detector of a run as one ONNX file, once it has scored ID images as the run did. */
export async function exportRun(options: ExportOptions): Promise<number> {
  const { run, detector, tpr, half, labels, plugin, set } = options;
  const place = options['hugging-face'] === undefined ? fileOf(options) : folderOf(options);
  await place.refuseExisting();
  const names = labels === undefined ? undefined : await readLabels(userPath('labels', labels));
  const exported = await exportDetector({
    folder: path.resolve(userFolder(), run),
    detector,
    ...{ builtIns, plugins: plugin, set, cwd: userFolder(), tpr: checkedShare('tpr', tpr) },
    ...relocationOf(options),
    input: place.input,
    half,
    progress: displayOn(process.stderr),
    ...(names && { labels: names }),
  });
  await place.write(exported);
  process.stdout.write(summary(place.shown, exported));
  return exitCodes.done;
}

/** What is written, and where. */
interface Place {
  readonly shown: string;
  readonly input: ExportRequest['input'];
  readonly refuseExisting: () => Promise<void>;
  readonly write: (exported: Exported) => Promise<void>;
}

function fileOf({ to = 'detector.onnx', input = 'pixels' }: ExportOptions): Place {
  const file = userPath('to', to);
  return {
    shown: to,
    input: input as ExportRequest['input'],
    refuseExisting: () => refuseExisting(file, to),
    write: ({ bytes }) => writeNew(file, to, bytes),
  };
}

function folderOf({ to, input = 'float', 'hugging-face': shown = '' }: ExportOptions): Place {
  if (to !== undefined) throw badCommand('--to names a file, and --hugging-face a folder in its place');
  if (input !== 'float')
    throw badCommand(`--hugging-face writes files that take normalised images, not --input ${input}`);
  const folder = userPath('hugging-face', shown);
  return {
    shown,
    input,
    refuseExisting: () => refuseFolder(folder, 'hugging-face'),
    write: (exported) => writeNewFolder(folder, 'hugging-face', huggingFaceFiles(exported)),
  };
}

async function readLabels(file: string): Promise<readonly string[]> {
  const decoded = decodeText(await readFile(file));
  if ('fault' in decoded) throw badCommand(`${file} ${decoded.fault}`, undefined, decoded.fix);
  return decoded.text.trimEnd().split(/\r?\n/u);
}

function summary(to: string, { bytes, description: { detector, threshold }, compared }: Exported): string {
  const { value, tpr, index, count } = threshold;
  const lines = [
    `${printable(to)}: ${printable(detector)}, ${(bytes.length / 1e6).toFixed(1)} MB`,
    `An image is taken for in-distribution when its score exceeds ${value}: ${count - index - 1} of ${count} ID images do (asked: ${tpr}).`,
    ...comparison(compared),
  ];
  return `${lines.join('\n')}\n`;
}

function comparison({ images, difference, moved }: Exported['compared']): string[] {
  const differ = `scores differ by at most ${difference.toPrecision(1)} of the largest`;
  const compared = `Compared with the run on ${images} ID images: ${difference === 0 ? 'the same scores' : differ}.`;
  if (moved === undefined) return [compared];
  const own = `The threshold is that of the file's own scores: it decides ${moved} of these images otherwise than the run.`;
  return [compared, own];
}
