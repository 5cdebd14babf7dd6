import { stat } from 'node:fs/promises';
import path from 'node:path';
import { printable } from '@farout/core';
import {
  exportDetector,
  loadDetector,
  rejectTogether,
  scoreImages,
  type LoadedDetector,
  type RejectedTogether,
  type Scored,
} from '@farout/deploy';
import { builtIns } from '../built-ins.ts';
import { exitCodes } from '../command.ts';
import { badCommand } from '../errors.ts';
import { printEvent } from '../events.ts';
import { userFolder } from '../invocation.ts';
import { checkedShare, relocationOf } from '../option-values.ts';
import { namedImages } from '../score/named-images.ts';
import { csvPrinter, jsonPrinter, rejectedText, tablePrinter, type Printer } from '../score/printers.ts';

/** Arguments of `farout score`. */
interface ScoreRequest {
  readonly model: string;
  readonly images: readonly string[];
  readonly detector?: string | undefined;
  readonly tpr?: number | undefined;
  readonly weights?: string | undefined;
  readonly data?: readonly string[] | undefined;
  readonly set: readonly string[];
  readonly plugin: readonly string[];
  readonly json: boolean;
  readonly csv: boolean;
  readonly fdr?: number | undefined;
  readonly 'fail-on-ood': boolean;
}

/** `farout score`: tells whether images are in distribution, using a file of `farout export` or a detector of a run. */
export async function score(request: ScoreRequest): Promise<number> {
  if (request.json && request.csv) throw badCommand('--json and --csv cannot be used together');
  const fdr = request.fdr === undefined ? undefined : checkedShare('fdr', request.fdr);
  if (fdr !== undefined && request.csv)
    throw badCommand(
      '--fdr rejects images together, but --csv has one line per image',
      undefined,
      'Use --json, or neither.',
    );
  const images = await namedImages(request.images, process.stdin);
  const detector = await loadDetector(await modelOf(request));
  const all: Scored[] = [];
  try {
    const printer = printerOf(request, detector);
    for await (const scored of scoreImages(detector, images)) {
      all.push(scored);
      printer.add(scored);
      tell(scored);
    }
    printer.end(all);
    if (fdr !== undefined) tellRejected(rejectTogether(all, detector.description, fdr), fdr, request.json);
  } finally {
    await detector.close();
  }
  return exitCode(all, request);
}

/** An image that could not be scored takes precedence over one that is out of distribution. */
function exitCode(all: readonly Scored[], { 'fail-on-ood': failOnOod }: ScoreRequest): number {
  if (all.some((scored) => 'unreadable' in scored)) return exitCodes.failed;
  const isOod = (scored: Scored) => 'verdict' in scored && !scored.verdict.isInDistribution;
  return failOnOod && all.some(isOod) ? exitCodes.outOfDistribution : exitCodes.done;
}

function printerOf({ json, csv }: ScoreRequest, { description }: LoadedDetector): Printer {
  const write = (text: string) => void process.stdout.write(text);
  if (json) return jsonPrinter();
  return csv ? csvPrinter(write) : tablePrinter(write, description);
}

/** Prints which images are rejected together. */
function tellRejected(rejected: RejectedTogether, fdr: number, json: boolean): void {
  if (json) printEvent({ event: 'rejected', fdr, ...rejected });
  else process.stdout.write(rejectedText(rejected, fdr));
}

/** Prints on stderr that an image cannot be read. */
function tell(scored: Scored): void {
  if ('unreadable' in scored)
    process.stderr.write(`${printable(scored.name)} cannot be scored: ${printable(scored.unreadable)}\n`);
}

/** The path of a file, or the bytes of the file that a run's detector would be exported to. */
async function modelOf(request: ScoreRequest): Promise<string | Uint8Array> {
  const { model, detector, tpr, weights, data, set, plugin } = request;
  const given = path.resolve(userFolder(), model);
  const stats = await stat(given).catch(() => undefined);
  if (!stats) return given;
  if (!stats.isDirectory()) {
    const [option] =
      Object.entries({ detector, tpr, weights, data, set: set[0], plugin: plugin[0] }).find(
        ([, each]) => each !== undefined,
      ) ?? [];
    if (option !== undefined)
      throw badCommand(
        `--${option} works only with a run folder`,
        undefined,
        `${model} is a detector file, which already contains it.`,
      );
    return given;
  }
  if (detector === undefined)
    throw badCommand(
      `${model} is a run: choose one of its detectors`,
      undefined,
      'Choose one with --detector, by its name in the tables.',
    );
  const cwd = userFolder();
  const run = { folder: given, detector, builtIns, plugins: plugin, set, cwd, ...relocationOf(request) };
  return (await exportDetector({ ...run, tpr: checkedShare('tpr', tpr ?? 0.95), input: 'pixels' })).bytes;
}
