import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { decodeText, printable } from '@farout/core';
import { exportDetector, huggingFaceFiles, type Exported, type ExportRequest } from '@farout/deploy';
import { detectorName, pageFiles } from '@farout/web/page-files';
import { builtIns } from '../built-ins.ts';
import { exitCodes } from '../command.ts';
import { badCommand } from '../errors.ts';
import { userFolder } from '../invocation.ts';
import { writeFolder } from '../new/package-files.ts';
import { checkedShare, relocationOf, userPath } from '../option-values.ts';
import { displayOn } from '../progress.ts';
import { refuseExisting, writeNew } from '../write-new.ts';

/** Arguments of `farout export`. */
interface ExportOptions {
  readonly run: string;
  readonly detector: string;
  readonly to?: string | undefined;
  readonly page?: string | undefined;
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

/**
 * `farout export`: writes a detector of a run as one ONNX file, as a page that scores with it, or as a folder for
 * Hugging Face's hub, after checking that it scores ID images as the run did.
 */
export async function exportRun(options: ExportOptions): Promise<number> {
  const { run, detector, tpr, half, labels, plugin, set } = options;
  const [targets, input] = [targetsOf(options), inputOf(options)];
  for (const { place, shown, option } of targets) await refuseExisting(place, shown, option);
  const names = labels === undefined ? undefined : await readLabels(userPath('labels', labels));
  const exported = await exportDetector({
    folder: path.resolve(userFolder(), run),
    detector,
    ...{ builtIns, plugins: plugin, set, cwd: userFolder(), tpr: checkedShare('tpr', tpr) },
    ...relocationOf(options),
    input,
    half,
    progress: displayOn(process.stderr),
    ...(names && { labels: names }),
  });
  for (const { write } of targets) await write(exported);
  process.stdout.write(summary(targets, exported));
  return exitCodes.done;
}

/** The input of the file. Hugging Face's libraries produce normalised images, and the page prepares its own. */
function inputOf({ input, page, 'hugging-face': folder }: ExportOptions): ExportRequest['input'] {
  if (folder !== undefined && input !== undefined && input !== 'float')
    throw badCommand(`--hugging-face writes files that take normalised images, not --input ${input}`);
  if (page !== undefined && input === 'photo')
    throw badCommand('--page prepares photographs itself, so --input photo is not allowed with it');
  return (input ?? (folder === undefined ? 'pixels' : 'float')) as ExportRequest['input'];
}

/** Where the detector is written. */
interface Target {
  readonly place: string;
  /** As the user wrote it. */
  readonly shown: string;
  readonly option: '--to' | '--page' | '--hugging-face';
  readonly write: (exported: Exported) => Promise<void>;
}

/** All requested targets; a file by default. */
function targetsOf({ to, page, 'hugging-face': hub }: ExportOptions): Target[] {
  const file = to ?? (page === undefined && hub === undefined ? detectorName : undefined);
  return [
    ...(file === undefined ? [] : [asFile(file)]),
    ...(page === undefined ? [] : [asPage(page)]),
    ...(hub === undefined ? [] : [asHubFolder(hub)]),
  ];
}

function asFile(shown: string): Target {
  const file = userPath('to', shown);
  return { place: file, shown, option: '--to', write: ({ bytes }) => writeNew(file, shown, bytes) };
}

function asPage(shown: string): Target {
  const folder = userPath('page', shown);
  const write = async ({ bytes }: Exported) =>
    writeFolder(folder, shown, { ...(await pageFiles()), [detectorName]: bytes }, '--page');
  return { place: folder, shown, option: '--page', write };
}

function asHubFolder(shown: string): Target {
  const folder = userPath('hugging-face', shown);
  const write = (exported: Exported) => {
    const files = huggingFaceFiles(exported).map(({ path: file, content }) => [file, content] as const);
    return writeFolder(folder, shown, Object.fromEntries(files), '--hugging-face');
  };
  return { place: folder, shown, option: '--hugging-face', write };
}

async function readLabels(file: string): Promise<readonly string[]> {
  const decoded = decodeText(await readFile(file));
  if ('fault' in decoded) throw badCommand(`${file} ${decoded.fault}`, undefined, decoded.fix);
  return decoded.text.trimEnd().split(/\r?\n/u);
}

function summary(
  targets: readonly Target[],
  { bytes, description: { detector, threshold }, compared }: Exported,
): string {
  const { value, tpr, index, count } = threshold;
  const lines = [
    `${targets.map(({ shown }) => printable(shown)).join(' and ')}: ${printable(detector)}, ${(bytes.length / 1e6).toFixed(1)} MB`,
    `An image counts as in-distribution when its score exceeds ${value}: ${count - index - 1} of ${count} ID images do (requested: ${tpr}).`,
    ...comparison(compared),
  ];
  return `${lines.join('\n')}\n`;
}

function comparison({ images, difference, moved }: Exported['compared']): string[] {
  const differ = `scores differ by at most ${difference.toPrecision(1)} of the largest`;
  const compared = `Compared with the run on ${images} ID images: ${difference === 0 ? 'the same scores' : differ}.`;
  if (moved === undefined) return [compared];
  const own = `The threshold comes from the file's own scores: its decision differs from the run's for ${moved} of these images.`;
  return [compared, own];
}
