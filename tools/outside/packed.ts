import { mkdir, readFile, readdir } from 'node:fs/promises';
import path from 'node:path';
import { repository } from '../farout-process.ts';
import { command } from './command.ts';

/** Packages by name, each as the `file:` address of its packed archive. */
export type Packed = Readonly<Record<string, string>>;

let packed: Promise<Packed> | undefined;

/** Builds and packs every package of the repository into a folder, once per process. */
export const packFarout = (into: string): Promise<Packed> => (packed ??= build(into));

async function build(into: string): Promise<Packed> {
  await command('npm', ['run', '--silent', 'pack', '--', into], { cwd: repository });
  const all = await Promise.all((await readdir(into)).map((file) => named(path.join(into, file))));
  return Object.fromEntries(all);
}

/** An archive, by the name in its manifest. */
async function named(archive: string): Promise<[string, string]> {
  const manifest = await command('tar', ['-xzOf', archive, 'package/package.json'], { cwd: repository });
  return [(JSON.parse(manifest) as { name: string }).name, `file:${archive}`];
}

/** Packs the package in a folder, like `npm publish`: including its prepack scripts. */
export async function pack(folder: string, into: string): Promise<Packed> {
  await mkdir(into, { recursive: true });
  const printed = await command('npm', ['pack', '--json', '--pack-destination', into], { cwd: folder });
  // Output of scripts comes before it.
  const [{ filename }] = JSON.parse(printed.slice(printed.indexOf('[\n'))) as [{ filename: string }];
  const { name } = JSON.parse(await readFile(path.join(folder, 'package.json'), 'utf8')) as { name: string };
  return { [name]: `file:${path.join(into, filename)}` };
}
