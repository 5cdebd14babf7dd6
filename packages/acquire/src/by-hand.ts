import path from 'node:path';
import { FaroutError } from '@farout/core';
import type { Environment } from './download/dispatcher.ts';
import {
  checksumInWords,
  comesFrom,
  givenBy,
  pathOf,
  sizeInWords,
  type Manifest,
  type ManifestFile,
} from './manifest.ts';

/** Whether the network is off limits: FAROUT_OFFLINE is set, and neither empty nor 0. */
export const isOffline = ({ FAROUT_OFFLINE: value = '' }: Environment): boolean => !['', '0'].includes(value);

/** A missing file. */
interface Lacking {
  readonly manifest: Manifest;
  readonly file: ManifestFile;
}

/** The error for missing files: where to place each, its checksum, and its source. `next`: what to do afterwards. */
export function notAsked(lacking: readonly Lacking[], next: string): FaroutError {
  const [are, them] = lacking.length === 1 ? ['file is', 'it'] : ['files are', 'them'];
  const places = lacking.flatMap(({ manifest, file }) => [
    `  ${pathOf(manifest, file)}`,
    `    ${factsOf(file).join(', ')}`,
    `    from ${comesFrom(manifest.source, file)}`,
  ]);
  return new FaroutError('OOD_OFFLINE', `${lacking.length} ${are} missing, and network access is turned off`, {
    fix: [`Put ${them} in place by hand, then ${next}:`, ...places].join('\n'),
  });
}

const factsOf = (file: ManifestFile): string[] => [
  ...(file.size === undefined ? [] : [`${file.size.toLocaleString('en')} bytes`]),
  checksumInWords(file) ?? 'no published checksum',
];

/** Instructions, in lines, for placing a file whose publisher requires accepting terms. */
export function howToPlace({ manifest, file }: Lacking): string[] {
  const checksum = checksumInWords(file);
  const size = file.size === undefined ? undefined : sizeInWords(file.size);
  const facts = [size, checksum].filter((fact) => fact !== undefined).join('; ');
  const isUnpacked = file.unpack !== undefined;
  return [
    `Accept the terms of ${manifest.name} on its publisher's page:`,
    `    ${manifest.source.page}`,
    `  Put ${path.basename(file.path)}${facts === '' ? '' : ` (${facts})`} into`,
    `    ${path.dirname(pathOf(manifest, file))}`,
    ...(isUnpacked
      ? ['  and pull again, which unpacks it. If you have it unpacked, make this a link to its folder:']
      : []),
    ...(isUnpacked ? [`    ${givenBy(manifest, file)}`] : []),
  ];
}
