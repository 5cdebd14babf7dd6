import path from 'node:path';
import { sourceSchema, type Manifest } from '@farout/acquire';

/**
 * What is known of a file that an experiment names by its address, as a manifest would say it. It carries the checksum behind `#sha256=`, if any.
 *
 * @param missing - Where the file is to lie.
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
    // Neither role is known, and neither is asked for.
    role: 'ood',
    layout: name,
    citation: 'not known',
    found: ['the experiment'],
    files: [{ path: name, addresses: [url.href], ...(sha256 !== undefined && { sha256 }) }],
  });
  const folder = path.dirname(missing);
  return { name, file: path.join(folder, `${name}.yaml`), folder, source };
}
