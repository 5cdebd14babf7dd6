import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { decodeText, printable } from '@farout/core';
import { exportDetector, type Exported, type ExportRequest } from '@farout/deploy';
import { builtIns } from '../built-ins.ts';
import { exitCodes } from '../command.ts';
import { badCommand } from '../errors.ts';
import { userFolder } from '../invocation.ts';
import { checkedShare, relocationOf, userPath } from '../option-values.ts';
import { displayOn } from '../progress.ts';
import { refuseExisting, writeNew } from '../write-new.ts';

/** What the command line gives to `farout export`. */
interface ExportOptions {
  readonly run: string;
  readonly detector: string;
  readonly to: string;
  readonly tpr: number;
  readonly input: string;
  readonly half: boolean;
  readonly labels?: string | undefined;
  readonly weights?: string | undefined;
  readonly data?: readonly string[] | undefined;
  readonly set: readonly string[];
  readonly plugin: readonly string[];
}

/** `farout export`: writes a detector of a run as one ONNX file, once it has scored ID images as the run did. */
export async function exportRun({ run, to, tpr, input, half, labels, ...given }: ExportOptions): Promise<number> {
  const file = userPath('to', to);
  await refuseExisting(file, to);
  const names = labels === undefined ? undefined : await readLabels(userPath('labels', labels));
  const exported = await exportDetector({
    folder: path.resolve(userFolder(), run),
    detector: given.detector,
    ...relocationOf(given),
    ...{ builtIns, plugins: given.plugin, set: given.set, cwd: userFolder(), tpr: checkedShare('tpr', tpr) },
    input: input as ExportRequest['input'],
    half,
    progress: displayOn(process.stderr),
    ...(names && { labels: names }),
  });
  await writeNew(file, to, exported.bytes);
  process.stdout.write(summary(to, exported));
  return exitCodes.done;
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
