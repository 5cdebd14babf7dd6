import { mkdir, rm, stat, statfs } from 'node:fs/promises';
import path from 'node:path';
import { FaroutError, FaroutErrors, printable, type Logger, type Progress } from '@farout/core';
import { unpack } from './archives/unpack.ts';
import { howToPlace, isOffline, notAsked } from './by-hand.ts';
import { download, type DownloadOptions } from './download/download.ts';
import { onDisk } from './download/part.ts';
import { expected, record, verified } from './lock.ts';
import { givenBy, pathOf, sizeInWords, withoutQuery, type Manifest, type ManifestFile } from './manifest.ts';

/** What pulling works with. */
export interface PullOptions extends Omit<DownloadOptions, 'reached'> {
  readonly progress: Progress;
}

/** What is to be done for one file of a manifest. */
export interface PullStep {
  readonly manifest: Manifest;
  readonly file: ManifestFile;
  /** `there`: nothing is to be done; `by hand`: a person must place it; `unpack`: it is there, and is to be unpacked. */
  readonly state: 'there' | 'load' | 'unpack' | 'by hand';
  /** Bytes to be loaded, where the manifest says. */
  readonly size: number | undefined;
}

/** What pulling these manifests would do; nothing is asked or written. */
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

/** How many files are loaded at once. */
const atOnce = 4;

/**
 * Gets everything that these manifests name and this machine lacks: loads several files at once, verifies and unpacks them. What cannot be had does not
 * keep the others from it. Where nothing may be asked over the network, what a person has placed is verified and unpacked.
 *
 * @returns what was done.
 * @throws FaroutError or FaroutErrors: what was not to be had.
 */
export async function pull(manifests: readonly Manifest[], options: PullOptions): Promise<readonly PullStep[]> {
  // A file that is there is compared with what is published; what was unpacked is whole, or would not be there.
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

/** An archive and what it becomes lie on the disk together for a while. Weights may lie on another disk than images. */
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

/** Counts what all files that are loaded at once have reached, in whole megabytes: a display counts things, not bytes. */
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

  /** Files of a size that the manifest does not know are not counted: of them is said now and then how far they are. */
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

/** In milliseconds. */
const sayEvery = 10_000;

/** A plan in lines: what would be loaded from where, how large it is, under which terms. */
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
  return [...lines, `total: ${loads.length} files, ${sum}${unknown > 0 ? `, and ${unknown} of unknown size` : ''}`].map(
    printable,
  );
}
