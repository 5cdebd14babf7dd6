import path from 'node:path';
import { sourceSchema, type Manifest } from '@farout/acquire';

/**
 * A manifest for a file that an experiment names by its address, with the checksum given as `#sha256=`, if any.
 *
 * @param missing - Where the file belongs.
 */
export function manifestOfAddress(missing: string, address: string): Manifest {
  const url = new URL(address);
  const sha256 = /^#sha256=(.*)$/.exec(url.hash)?.[1];
  url.hash = '';
  const name = path.basename(missing);
  const source = sourceSchema.parse({
    title: url.href,
    license: 'not known',
    page: url.origin,
    // The role is not known, and not used.
    role: 'ood',
    layout: name,
    citation: 'not known',
    found: ['the experiment'],
    files: [{ path: name, addresses: [url.href], ...(sha256 !== undefined && { sha256 }) }],
  });
  const folder = path.dirname(missing);
  return { name, file: path.join(folder, `${name}.yaml`), folder, source };
}
