import { Readable } from 'node:stream';
import { Busboy, type BusboyFileStream, type BusboyInstance } from '@fastify/busboy';
import { mediaType } from './guards.ts';
import { limits } from './limits.ts';
import { Problem } from './problems.ts';

/** An image of a request, and its file name if the request gives one. */
export interface NamedBytes {
  readonly name?: string;
  readonly bytes: Uint8Array;
}

/**
 * Counts the bytes of all bodies as they arrive. A client that announces a large body but sends little takes no room from others; a client whose
 * bytes exceed the limit is refused.
 */
export class BodyReader {
  #bytes = 0;

  /**
   * Reads a body. Call `release` once it is no longer needed.
   *
   * @throws Problem OOD_SERVE_BUSY.
   */
  async read(body: Readable): Promise<{ readonly bytes: Uint8Array; readonly release: () => void }> {
    const pieces: Uint8Array[] = [];
    let held = 0;
    const release = () => {
      this.#bytes -= held;
      held = 0;
    };
    try {
      for await (const piece of body as AsyncIterable<Uint8Array>) {
        if (this.#bytes + piece.length > limits.bodyBytes)
          throw new Problem('OOD_SERVE_BUSY', 'other requests use all the memory for bodies');
        this.#bytes += piece.length;
        held += piece.length;
        pieces.push(piece);
      }
      return { bytes: joined(pieces), release };
    } catch (error) {
      release();
      throw error;
    }
  }
}

/** Media types accepted for images; the kind is determined by the bytes. */
const ofImages = /^(?:image\/[\w.+-]+|application\/octet-stream)$/;

/**
 * The images of a body: the body itself, or the files of a form.
 *
 * @throws Problem OOD_SERVE_TYPE for another type, OOD_SERVE_REQUEST for a form that is malformed, has other fields or no file,
 * OOD_SERVE_TOO_LARGE for one of too many files or of one that is too large.
 */
export async function imagesOf(bytes: Uint8Array, contentType: string): Promise<readonly NamedBytes[]> {
  const type = mediaType(contentType);
  if (type === 'multipart/form-data') return filesOf(bytes, contentType);
  if (ofImages.test(type)) return [{ bytes }];
  throw new Problem(
    'OOD_SERVE_TYPE',
    'send an image as image/jpeg, image/png … or application/octet-stream, or several as multipart/form-data',
  );
}

/** The files of a completely received form. */
async function filesOf(bytes: Uint8Array, contentType: string): Promise<readonly NamedBytes[]> {
  const form = openForm(contentType);
  const files: NamedBytes[] = [];
  const done = new Promise<readonly NamedBytes[]>((resolve, reject) => {
    const refuse = (detail: string, code: 'OOD_SERVE_REQUEST' | 'OOD_SERVE_TOO_LARGE' = 'OOD_SERVE_REQUEST') =>
      reject(new Problem(code, detail));
    form.on('field', () => refuse('the form has a field that is not a file: add a filename'));
    form.on('file', (_: string, stream: BusboyFileStream, name: string) => {
      const pieces: Uint8Array[] = [];
      stream.on('data', (piece: Uint8Array) => pieces.push(piece));
      stream.on('limit', () => refuse(`a file has more than ${limits.imageBytes} bytes`, 'OOD_SERVE_TOO_LARGE'));
      stream.on('error', (error: Error) => refuse(`the form is malformed: ${error.message}`));
      const at = files.push({ name, bytes: empty }) - 1;
      stream.on('end', () => (files[at] = { ...(name && { name }), bytes: joined(pieces) }));
    });
    form.on('partsLimit', () => refuse(`the form has more than ${limits.images} files`, 'OOD_SERVE_TOO_LARGE'));
    form.on('error', (error: unknown) => refuse(`the form is malformed: ${(error as Error).message}`));
    form.on('finish', () => {
      // The parser skips parts whose headers it does not understand.
      if (files.length === 0 || files.length !== partsIn(bytes, contentType))
        refuse('each part of the form must be a file: Content-Disposition: form-data; name="…"; filename="…"');
      else resolve(files);
    });
  });
  Readable.from([bytes]).pipe(form);
  return done;
}

/** How many parts a form has: one less than it has delimiters. */
function partsIn(bytes: Uint8Array, contentType: string): number {
  const [, quoted, plain = quoted] = /boundary=(?:"([^"]+)"|([^\s;]+))/i.exec(contentType) ?? [];
  const body = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
  const delimiter = `\r\n--${plain ?? ''}`;
  // The first one may have no line before it.
  let parts = body.indexOf(delimiter.slice(2)) === 0 ? 0 : -1;
  for (let at = body.indexOf(delimiter); at !== -1; at = body.indexOf(delimiter, at + 1)) parts++;
  return parts;
}

const empty = new Uint8Array(0);
const joined = (pieces: readonly Uint8Array[]) => (pieces.length === 1 ? pieces[0]! : Buffer.concat(pieces));

function openForm(contentType: string): BusboyInstance {
  try {
    return new Busboy({
      headers: { 'content-type': contentType },
      limits: { parts: limits.images, fileSize: limits.imageBytes + 1, headerPairs: 16, headerSize: 8192 },
    });
  } catch (cause) {
    throw new Problem('OOD_SERVE_REQUEST', `the form is malformed: ${(cause as Error).message}`, cause);
  }
}
