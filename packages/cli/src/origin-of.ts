import type { CatalogueEntry } from '@farout/runner';

/** Where a part is from, short enough for a line: of a file's hash, the first digits. */
export const originOf = ({ origin }: CatalogueEntry): string =>
  origin.replace(/(SHA-256 [0-9a-f]{8})[0-9a-f]+$/, '$1…');
