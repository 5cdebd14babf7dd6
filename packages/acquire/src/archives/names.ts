import { FaroutError, printable } from '@farout/core';

/** The error for an archive that is refused, with the reason. */
export const refusal = (archive: string, message: string, cause?: unknown): FaroutError =>
  new FaroutError('OOD_ARCHIVE_REFUSED', `${printable(archive)} was not unpacked: ${message}`, {
    fix: 'Download it again; if that does not help, tell its publisher. Nothing of it was kept.',
    ...(cause !== undefined && { cause }),
  });

/** Far above any set of images; names of more entries would fill the memory. */
const mostEntries = 5_000_000;
const longest = { path: 1024, part: 255, depth: 32 };

/** Names that Windows treats as devices, with any extension. */
const reserved = /^(con|prn|aux|nul|com[0-9¹²³]|lpt[0-9¹²³]|conin\$|conout\$)(\..*)?$/i;

/**
 * The names in an archive. Each must be a plain relative path on every system, and all must be distinct even on a file system that ignores case
 * and Unicode normalization.
 */
export class Names {
  readonly #archive: string;
  /** By the form such a file system compares: the name as written, and whether it is a folder. */
  readonly #seen = new Map<string, { readonly written: string; readonly isFolder: boolean }>();

  constructor(archive: string) {
    this.#archive = archive;
  }

  /**
   * The parts of a path; empty for the root.
   *
   * @throws FaroutError OOD_ARCHIVE_REFUSED
   */
  take(name: string, isFolder: boolean): readonly string[] {
    const parts = this.#parts(name, isFolder);
    parts.forEach((_, index) => {
      const isLast = index === parts.length - 1;
      this.#note(parts.slice(0, index + 1).join('/'), { isFolder: !isLast || isFolder, isNew: isLast && !isFolder });
    });
    return parts;
  }

  #parts(name: string, isFolder: boolean): string[] {
    const shown = `"${printable(name).slice(0, 200)}"`;
    if (name === '') throw this.#refusal('a name in it is empty');
    if (/[\p{Cc}\p{Cs}]/u.test(name)) throw this.#refusal(`${shown} has control characters`);
    if (/[\\:]/.test(name))
      throw this.#refusal(`${shown} has a backslash or a colon, which separates folders on some systems`);
    if (name.startsWith('/')) throw this.#refusal(`${shown} is an absolute path`);
    const bare = name.replace(/^(\.\/)+/, '').replace(isFolder ? /\/$/ : /(?!)/, '');
    if (isFolder && (bare === '' || bare === '.')) return [];
    const parts = bare.split('/');
    if (parts.includes('..')) throw this.#refusal(`${shown} points outside the folder`);
    if (parts.some((part) => part === '' || part === '.')) throw this.#refusal(`${shown} is not a plain path`);
    if (parts.some((part) => reserved.test(part) || /[. ]$/.test(part)))
      throw this.#refusal(`${shown} is a name that some systems reserve or shorten`);
    const isLong = Buffer.byteLength(bare) > longest.path || parts.length > longest.depth;
    if (isLong || parts.some((part) => Buffer.byteLength(part) > longest.part))
      throw this.#refusal(`${shown} is too long`);
    return parts;
  }

  #note(written: string, { isFolder, isNew }: { isFolder: boolean; isNew: boolean }): void {
    const key = folded(written);
    const before = this.#seen.get(key);
    if (!before) {
      if (this.#seen.size >= mostEntries) throw this.#refusal(`it has more than ${mostEntries} names`);
      this.#seen.set(key, { written, isFolder });
    } else if (before.written !== written)
      throw this.#refusal(
        `"${printable(before.written)}" and "${printable(written)}" are the same name on systems that ignore case or accents`,
      );
    else if (isNew || !before.isFolder || !isFolder) throw this.#refusal(`"${printable(written)}" occurs twice`);
  }

  readonly #refusal = (message: string) => refusal(this.#archive, message);
}

const folded = (name: string) => name.normalize('NFKD').toUpperCase().toLowerCase().normalize('NFKC');
