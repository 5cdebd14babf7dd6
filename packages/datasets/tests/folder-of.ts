import { mkdtempSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';

/** A new temporary folder with these files, by relative path: their text, `{ bytes }` as a character each, or `{ to }` for a symbolic link. */
export function folderOf(
  files: Readonly<Record<string, string | { readonly to: string } | { readonly bytes: string }>>,
): string {
  const root = mkdtempSync(join(tmpdir(), 'farout-datasets-'));
  for (const [name, content] of Object.entries(files)) {
    const path = join(root, name);
    mkdirSync(dirname(path), { recursive: true });
    if (typeof content === 'string') writeFileSync(path, content);
    else if ('bytes' in content) writeFileSync(path, content.bytes, 'latin1');
    else symlinkSync(content.to, path);
  }
  return root;
}
