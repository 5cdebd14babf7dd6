import { mkdir, rm, stat, statfs } from 'node:fs/promises';
import path from 'node:path';
import { FaroutError, FaroutErrors, printable, type Logger, type Progress } from '@farout/core';
import { unpack } from './archives/unpack.ts';
import { howToPlace, isOffline, notAsked } from './by-hand.ts';
import { download, type DownloadOptions } from './download/download.ts';
import { onDisk } from './download/part.ts';
import { expected, record, verified } from './lock.ts';
import { givenBy, pathOf, sizeInWords, withoutQuery, type Manifest, type ManifestFile } from './manifest.ts';

/** Options of pulling. */
export interface PullOptions extends Omit<DownloadOptions, 'reached'> {
  readonly progress: Progress;
}

/** The action for one file of a manifest. */
export interface PullStep {
  readonly manifest: Manifest;
  readonly file: ManifestFile;
  /** `there`: nothing to do; `load`: download it; `unpack`: it exists and must be unpacked; `by hand`: a person must place it. */
  readonly state: 'there' | 'load' | 'unpack' | 'by hand';
  /** Bytes to download, if the manifest gives the size. */
  readonly size: number | undefined;
}

/** What pulling these manifests would do, without requesting or writing anything. */
export async function planPull(manifests: readonly Manifest[]): Promise<readonly PullStep[]> {
  const steps: PullStep[] = [];
  for (const manifest of manifests)
    for (const file of manifest.source.files) {
      const state = await stateOf(manifest, file);
      steps.push({ manifest, file, state, size: state === 'load' ? file.size : 0 });
    }
  return steps;
}

async function stateOf(manifest: Manifest, file: ManifestFile): Promise<PullStep['state']> {
  if (await exists(givenBy(manifest, file))) return 'there';
  const isLoaded = file.unpack !== undefined && (await exists(pathOf(manifest, file)));
  if (isLoaded) return 'unpack';
  return manifest.source.accept === 'manual' ? 'by hand' : 'load';
}

const exists = (file: string) =>
  stat(file).then(
    () => true,
    () => false,
  );

/** How many files are downloaded concurrently. */
const atOnce = 4;

/**
 * Downloads everything in these manifests that is missing on this machine: several files at once, verified and unpacked. A file that fails does not
 * stop the others. Offline, it verifies and unpacks the files that a person has placed.
 *
 * @returns the steps taken.
 * @throws FaroutError or FaroutErrors for files that could not be obtained.
 */
export async function pull(manifests: readonly Manifest[], options: PullOptions): Promise<readonly PullStep[]> {
  // An existing file is verified; an unpacked folder is complete, or it would not exist.
  const steps = (await planPull(manifests)).filter(({ file, state }) => state !== 'there' || !file.unpack);
  const barred = isOffline(options.env) ? steps.filter(({ state }) => state === 'load') : [];
  const open = steps.filter((step) => !barred.includes(step));
  await refuseFullDisk(open);
  const counter = new Megabytes(open, options.progress);
  const waiting = [...open];
  const errors = barred.length > 0 ? [notAsked(barred, 'run the same command again')] : [];
  const work = async () => {
    for (let step = waiting.shift(); step; step = waiting.shift()) {
      try {
        await perform(step, counter, options);
      } catch (error) {
        options.signal.throwIfAborted();
        if (!(error instanceof FaroutError)) throw error;
        errors.push(error);
      }
    }
  };
  counter.start();
  try {
    await Promise.all(Array.from({ length: atOnce }, work));
  } finally {
    counter.stop();
  }
  FaroutErrors.throwIfAny(errors);
  return steps.filter(({ state }) => state !== 'there');
}

/** An archive and its unpacked folder exist side by side for a while. Weights may be on another disk than images. */
async function refuseFullDisk(steps: readonly PullStep[]): Promise<void> {
  const needed = new Map<number, { folder: string; bytes: number }>();
  for (const { manifest, file, size = 0 } of steps) {
    const { folder } = manifest;
    await onDisk(folder, () => mkdir(folder, { recursive: true }));
    const { dev } = await stat(folder);
    const { bytes = 0 } = needed.get(dev) ?? {};
    needed.set(dev, { folder, bytes: bytes + size * (file.unpack ? 2 : 1) });
  }
  for (const { folder, bytes } of needed.values()) {
    const { bavail, bsize } = await statfs(folder);
    if (bytes > bavail * bsize)
      throw new FaroutError(
        'OOD_NO_SPACE',
        `${bytes} bytes are needed, but ${folder} has only ${bavail * bsize} free`,
        {
          fix: 'Free some space, or pull fewer at once. Archives are deleted once they are unpacked.',
        },
      );
  }
}

async function perform({ manifest, file, state }: PullStep, counter: Megabytes, options: PullOptions): Promise<void> {
  if (state === 'by hand') throw toBePlaced(manifest, file);
  const target = pathOf(manifest, file);
  const known = await expected(manifest, file);
  const addresses = state === 'load' ? [...file.addresses, ...file.mirrors] : [];
  const source = { ...known, name: path.basename(file.path), addresses };
  const loaded = await download(source, target, { ...options, reached: counter.reaches(file, options.logger) });
  await record(manifest, file, loaded);
  options.logger.info(verified(file, known));
  if (!file.unpack) return;
  const { folder, strip, images } = file.unpack;
  const unpacked = await unpack(target, path.join(manifest.folder, folder), {
    ...options,
    strip,
    check: (found) => refuseCount(manifest, found.images, images),
  });
  if (unpacked) options.logger.info(`${folder}: ${unpacked.files} files, ${unpacked.images} of which are images`);
  // What a person has placed is theirs.
  if (manifest.source.accept === undefined && !isOffline(options.env)) await rm(target);
}

const toBePlaced = (manifest: Manifest, file: ManifestFile) =>
  new FaroutError(
    'OOD_TERMS',
    `${manifest.name} is available only after you accept its terms: ${manifest.source.title}`,
    {
      fix: howToPlace({ manifest, file }).join('\n'),
    },
  );

function refuseCount({ name, file }: Manifest, found: number, wanted = found): void {
  if (found === wanted) return;
  throw new FaroutError('OOD_CONTENT_MISMATCH', `the archive of ${name} has ${found} images instead of ${wanted}`, {
    fix: `The publisher may have replaced it. If the archive is right, correct "images" in ${file}.`,
  });
}

/** Sums up the progress of all concurrent downloads in whole megabytes, the unit of the display. */
class Megabytes {
  readonly #progress: Progress;
  readonly #total: number;
  readonly #reached = new Map<ManifestFile, number>();
  #shown = 0;

  constructor(steps: readonly PullStep[], progress: Progress) {
    this.#progress = progress;
    this.#total = steps.reduce((sum, { size = 0 }) => sum + size, 0);
  }

  start(): void {
    if (this.#total > 0) this.#progress.start('pull', Math.ceil(this.#total / 1e6), 0, 'MB');
  }

  stop(): void {
    if (this.#total > 0) this.#progress.stop();
  }

  /** Files without a known size are not counted; their progress is logged from time to time. */
  reaches(file: ManifestFile, { info }: Pick<Logger, 'info'>): (length: number, size?: number) => void {
    let said = Date.now();
    return (length, size) => {
      if (file.size === undefined) {
        if (Date.now() - said < sayEvery) return;
        said = Date.now();
        const of = size === undefined ? '' : ` of ${sizeInWords(size)}`;
        info(`${path.basename(file.path)}: ${sizeInWords(length)}${of}`);
        return;
      }
      this.#reached.set(file, length);
      const all = Math.floor([...this.#reached.values()].reduce((sum, each) => sum + each, 0) / 1e6);
      if (all > this.#shown) this.#progress.advance(all - this.#shown);
      this.#shown = Math.max(all, this.#shown);
    };
  }
}

/** Interval of those messages in ms. */
const sayEvery = 10_000;

/** A plan in lines: what would be downloaded from where, its size, and its terms. */
export function planLines(steps: readonly PullStep[]): string[] {
  const words = {
    there: 'already here',
    load: 'to be downloaded',
    unpack: 'to be unpacked',
    'by hand': 'to be put in place by hand',
  };
  const lines = steps.flatMap(({ manifest, file, state }) => [
    `${manifest.name}: ${manifest.source.title}`,
    `  ${words[state]}: ${givenBy(manifest, file)}`,
    ...(state === 'there' ? [] : [`  size: ${file.size === undefined ? 'not published' : sizeInWords(file.size)}`]),
    ...(state === 'load' ? [`  from: ${[...file.addresses, ...file.mirrors].map(withoutQuery).join(', ')}`] : []),
    ...(state === 'by hand' ? [`  place as: ${pathOf(manifest, file)}`] : []),
    `  terms: ${manifest.source.license}; ${manifest.source.page}`,
  ]);
  const loads = steps.filter(({ state }) => state === 'load');
  const unknown = loads.filter(({ size }) => size === undefined).length;
  const sum = sizeInWords(loads.reduce((total, { size = 0 }) => total + size, 0));
  return [
    ...lines,
    `In total: ${loads.length} ${loads.length === 1 ? 'file' : 'files'}, ${sum}${unknown > 0 ? `, and ${unknown} of unknown size` : ''}`,
  ].map(printable);
}
