import { randomUUID } from 'node:crypto';
import { mkdir, readFile, rename, rm, stat, statfs, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { FaroutError, FaroutErrors, printable, z, type Logger, type Progress } from '@farout/core';
import { unpack } from './archives/unpack.ts';
import { download, type Downloaded, type DownloadOptions } from './download/download.ts';
import { onDisk } from './download/part.ts';
import type { FileSource } from './download/source.ts';
import { givenBy, type Manifest, type ManifestFile } from './manifest.ts';

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

const pathOf = (manifest: Manifest, file: ManifestFile) => path.join(path.dirname(manifest.file), file.path);

const exists = (file: string) =>
  stat(file).then(
    () => true,
    () => false,
  );

/** How many files are loaded at once. */
const atOnce = 4;

/**
 * Gets everything that these manifests name and this machine lacks: loads several files at once, verifies and unpacks them. What cannot be had does not
 * keep the others from it.
 *
 * @returns what was done.
 * @throws FaroutError or FaroutErrors: what was not to be had.
 */
export async function pull(manifests: readonly Manifest[], options: PullOptions): Promise<readonly PullStep[]> {
  // A file that is there is compared with what is published; what was unpacked is whole, or would not be there.
  const steps = (await planPull(manifests)).filter(({ file, state }) => state !== 'there' || !file.unpack);
  await refuseFullDisk(steps);
  const counter = new Megabytes(steps, options.progress);
  const waiting = [...steps];
  const errors: FaroutError[] = [];
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

/** An archive and what it becomes lie on the disk together for a while. */
async function refuseFullDisk(steps: readonly PullStep[]): Promise<void> {
  const [first] = steps;
  if (!first) return;
  const needed = steps.reduce((sum, { file, size = 0 }) => sum + size * (file.unpack ? 2 : 1), 0);
  const folder = path.dirname(first.manifest.file);
  await onDisk(folder, () => mkdir(folder, { recursive: true }));
  const { bavail, bsize } = await statfs(folder);
  if (needed > bavail * bsize)
    throw new FaroutError('OOD_NO_SPACE', `${needed} bytes are needed, and ${folder} has room for ${bavail * bsize}`, {
      fix: 'Make room, or pull fewer at once. Archives go once they are unpacked.',
    });
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
  const unpacked = await unpack(target, path.join(path.dirname(manifest.file), folder), {
    ...options,
    strip,
    check: (found) => refuseCount(manifest, found.images, images),
  });
  if (unpacked) options.logger.info(`${folder}: ${unpacked.files} files, ${unpacked.images} of them images`);
  // What a person has placed is theirs.
  if (manifest.source.accept === undefined) await rm(target);
}

function toBePlaced(manifest: Manifest, file: ManifestFile): FaroutError {
  const { page, title } = manifest.source;
  const target = pathOf(manifest, file);
  return new FaroutError('OOD_TERMS', `${manifest.name} (${title}) is given only to those who accept its terms`, {
    fix: `Accept them at ${page}, place ${path.basename(target)} as ${target}, and give the same command. If you have it unpacked: let ${givenBy(manifest, file)} be a link to it.`,
  });
}

function refuseCount({ name, file }: Manifest, found: number, wanted = found): void {
  if (found === wanted) return;
  throw new FaroutError('OOD_CONTENT_MISMATCH', `the archive of ${name} has ${found} images instead of ${wanted}`, {
    fix: `The publisher may have replaced it. If it is right, correct "images" in ${file}.`,
  });
}

const lockSchema = z.record(z.string(), z.object({ size: z.int(), sha256: z.string(), from: z.string().optional() }));
type Lock = z.output<typeof lockSchema>;

const lockOf = ({ file }: Manifest) => file.replace(/\.yaml$/, '.lock.json');

/** What a file must be: by its manifest, and by what another machine saw where that does not say enough. */
async function expected(manifest: Manifest, file: ManifestFile): Promise<Omit<FileSource, 'name' | 'addresses'>> {
  const lock = await readLock(manifest);
  if (!lock)
    throw new FaroutError('OOD_MANIFEST_INVALID', `${lockOf(manifest)} is damaged`, {
      fix: 'Get it again from where you have it, or remove it: then nothing is compared with what other machines saw.',
    });
  const { size, sha256, sha256Begins, md5 } = file;
  const seen = sha256 === undefined ? lock[file.path] : undefined;
  return { size: size ?? seen?.size, sha256: sha256 ?? seen?.sha256, sha256Begins, md5 };
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

async function readLock(manifest: Manifest): Promise<Lock | undefined> {
  return lockSchema.safeParse(jsonOf(await readFile(lockOf(manifest), 'utf8').catch(() => '{}'))).data;
}

/** Files of one manifest that are loaded at once write their lock one after the other. */
let recorded: Promise<void> = Promise.resolve();

/** Writes down what was seen of a file whose full SHA-256 is not published, for the next machine to compare. */
function record(manifest: Manifest, file: ManifestFile, { size, sha256, from }: Downloaded): Promise<void> {
  const write = async () => {
    const lock = await readLock(manifest);
    if (file.sha256 !== undefined || !lock || lock[file.path] !== undefined) return;
    const all = { ...lock, [file.path]: { size, sha256, ...(from !== undefined && { from }) } };
    const temporary = `${lockOf(manifest)}.${randomUUID()}`;
    await onDisk(lockOf(manifest), async () => {
      await writeFile(temporary, `${JSON.stringify(all, null, 2)}\n`, { flag: 'wx' });
      await rename(temporary, lockOf(manifest));
    });
  };
  const written = recorded.then(write);
  recorded = written.catch(() => undefined);
  return written;
}

/** How far a file is known to be the published one. */
function verified(
  { path: name, sha256, sha256Begins, md5 }: ManifestFile,
  known: { sha256?: string | undefined },
): string {
  if (sha256 !== undefined) return `${name}: its SHA-256 is right`;
  const weak = [md5 !== undefined && 'MD5', sha256Begins !== undefined && 'the first eight digits of its SHA-256'];
  const by = weak.filter((each) => each !== false).join(' and ');
  const guard = by === '' ? 'no checksum of it is published' : `${by}: right, which guards against accidents only`;
  const seen = known.sha256 === undefined ? 'what came is written down' : 'it is the same as on another machine';
  return `${name}: ${guard}; ${seen} in the lock file beside its manifest`;
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

/** Bytes as people say them. */
export function sizeInWords(bytes: number): string {
  const units = ['bytes', 'kB', 'MB', 'GB', 'TB'];
  const power = Math.min(units.length - 1, Math.floor(Math.log10(Math.max(1, bytes)) / 3));
  return `${(bytes / 1000 ** power).toFixed(power === 0 ? 0 : 1)} ${units[power]!}`;
}

/** A plan in lines: what would be loaded from where, how large it is, under which terms. */
export function planLines(steps: readonly PullStep[]): string[] {
  const words = {
    there: 'is there',
    load: 'to be loaded',
    unpack: 'to be unpacked',
    'by hand': 'to be placed by hand',
  };
  const lines = steps.flatMap(({ manifest, file, state }) => [
    `${manifest.name}: ${manifest.source.title}`,
    `  ${words[state]}: ${givenBy(manifest, file)}`,
    ...(state === 'there' ? [] : [`  size: ${file.size === undefined ? 'not published' : sizeInWords(file.size)}`]),
    ...(state === 'load'
      ? [`  from: ${[...file.addresses, ...file.mirrors].map((each) => each.replace(/[?#].*/, '')).join(', ')}`]
      : []),
    ...(state === 'by hand' ? [`  place as: ${pathOf(manifest, file)}`] : []),
    `  terms: ${manifest.source.license}; ${manifest.source.page}`,
  ]);
  const loads = steps.filter(({ state }) => state === 'load');
  const unknown = loads.filter(({ size }) => size === undefined).length;
  const sum = sizeInWords(loads.reduce((total, { size = 0 }) => total + size, 0));
  return [
    ...lines,
    `in all: ${loads.length} files, ${sum}${unknown > 0 ? `, and ${unknown} of unknown size` : ''}`,
  ].map(printable);
}
