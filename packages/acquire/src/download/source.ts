import { createHash, type Hash } from 'node:crypto';
import { createReadStream } from 'node:fs';

/** A published file: its addresses, and what is known about its content. */
export interface FileSource {
  /** Its local name. */
  readonly name: string;
  /** Addresses, tried in this order. */
  readonly addresses: readonly string[];
  /** In bytes. */
  readonly size?: number | undefined;
  readonly sha256?: string | undefined;
  /** The first digits of its SHA-256, as in torchvision's file names. */
  readonly sha256Begins?: string | undefined;
  readonly md5?: string | undefined;
}

/** The size and digests of a file. */
export interface Digests {
  readonly size: number;
  readonly sha256: string;
  readonly md5: string;
}

/** Computes SHA-256 of streamed bytes, and MD5 for files with no better published checksum. */
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

/** The digests of a local file. */
export async function digestsOf(path: string, signal: AbortSignal): Promise<Digests> {
  const digester = new Digester();
  for await (const chunk of createReadStream(path, { highWaterMark: 1 << 20, signal }))
    digester.update(chunk as Buffer);
  return digester.digests();
}

/** How a file differs from the published one, in words; undefined if it does not. */
export function mismatch(source: FileSource, found: Digests): string | undefined {
  const { size, sha256, sha256Begins, md5 } = source;
  if (size !== undefined && size !== found.size) return `it has ${found.size} bytes instead of ${size}`;
  if (sha256 !== undefined && sha256 !== found.sha256) return `its SHA-256 is ${found.sha256} instead of ${sha256}`;
  if (sha256Begins !== undefined && !found.sha256.startsWith(sha256Begins))
    return `its SHA-256 begins with ${found.sha256.slice(0, sha256Begins.length)} instead of ${sha256Begins}`;
  return md5 !== undefined && md5 !== found.md5 ? `its MD5 is ${found.md5} instead of ${md5}` : undefined;
}

/** Whether bytes from several responses may be combined: a checksum will show if they do not belong together. */
export const hasChecksum = ({ sha256, sha256Begins, md5 }: FileSource): boolean =>
  (sha256 ?? sha256Begins ?? md5) !== undefined;
