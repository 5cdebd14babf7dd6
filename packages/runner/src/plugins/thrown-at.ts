import { fileURLToPath } from 'node:url';

/** The folders in which this program's own code lies: this package's and those beside it. */
const own = fileURLToPath(new URL('../../../', import.meta.url));

/**
 * Where code of a plugin threw: `/photos/mine.mjs:7`, the innermost place of its stack that is neither this program's nor a
 * library's nor Node's. Undefined when there is none.
 */
export function thrownAt(error: unknown): string | undefined {
  const { stack } = (error ?? {}) as { stack?: unknown };
  if (typeof stack !== 'string') return undefined;
  for (const [, url, line] of stack.matchAll(/(?:\(|at )((?:file:\/\/|[A-Za-z]:\\|\/)[^()\n]*?):(\d+):\d+\)?$/gm)) {
    const file = url!.startsWith('file:') ? pathOf(url!) : url!;
    if (!file.startsWith(own) && !/[\\/]node_modules[\\/]@farout[\\/]/.test(file)) return `${file}:${line!}`;
  }
  return undefined;
}

/** An address that is no path of this machine stays as it is: a stack may say anything. */
function pathOf(url: string): string {
  try {
    return fileURLToPath(url);
  } catch {
    return url;
  }
}
