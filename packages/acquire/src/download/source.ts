import { createHash, type Hash } from 'node:crypto';
import { createReadStream } from 'node:fs';

/** A file as it is published: where it lies, and what is known of its bytes. */
export interface FileSource {
  /** What it is called on this machine. */
  readonly name: string;
  /** Addresses, asked in this order. */
  readonly addresses: readonly string[];
  /** In bytes. */
  readonly size?: number | undefined;
  readonly sha256?: string | undefined;
  /** How its SHA-256 begins, as torchvision's file names say. */
  readonly sha256Begins?: string | undefined;
  readonly md5?: string | undefined;
}

/** What was found of a file's bytes. */
export interface Digests {
  readonly size: number;
  readonly sha256: string;
  readonly md5: string;
}

/** SHA-256, and MD5 for those files of which nothing better is published, of bytes that come one after the other. */
export class Digester {
  readonly #hashes: { readonly sha256: Hash; readonly md5: Hash } = {
    sha256: createHash('sha256'),
    md5: createHash('md5'),
  };
  #size = 0;

  get size(): number {
    return this.#size;
  }

  update(bytes: Uint8Array): void {
    for (const hash of Object.values(this.#hashes)) hash.update(bytes);
    this.#size += bytes.length;
  }

  digests(): Digests {
    const { sha256, md5 } = this.#hashes;
    return { size: this.#size, sha256: sha256.copy().digest('hex'), md5: md5.copy().digest('hex') };
  }
}

/** The digests of a file on this machine. */
export async function digestsOf(path: string, signal: AbortSignal): Promise<Digests> {
  const digester = new Digester();
  for await (const chunk of createReadStream(path, { highWaterMark: 1 << 20, signal }))
    digester.update(chunk as Buffer);
  return digester.digests();
}

/** What of a file's bytes is not as it was published, in words; undefined where nothing is. */
export function mismatch(source: FileSource, found: Digests): string | undefined {
  const { size, sha256, sha256Begins, md5 } = source;
  if (size !== undefined && size !== found.size) return `it has ${found.size} bytes instead of ${size}`;
  if (sha256 !== undefined && sha256 !== found.sha256) return `its SHA-256 is ${found.sha256} instead of ${sha256}`;
  if (sha256Begins !== undefined && !found.sha256.startsWith(sha256Begins))
    return `its SHA-256 begins with ${found.sha256.slice(0, sha256Begins.length)} instead of ${sha256Begins}`;
  return md5 !== undefined && md5 !== found.md5 ? `its MD5 is ${found.md5} instead of ${md5}` : undefined;
}

/** Whether bytes of several answers may be put together, because in the end it is seen whether they belong together. */
export const hasChecksum = ({ sha256, sha256Begins, md5 }: FileSource): boolean =>
  (sha256 ?? sha256Begins ?? md5) !== undefined;
