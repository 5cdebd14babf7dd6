import { existsSync, statSync } from 'node:fs';
import { readFile, readdir } from 'node:fs/promises';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

const root = new URL('../../', import.meta.url);
const textOf = (file: string) => readFile(new URL(file, root), 'utf8');
/** Files of the repository below a folder, as paths from the root. */
const filesIn = async (folder: string) =>
  (await readdir(fileURLToPath(new URL(folder, root)), { recursive: true })).map((file) =>
    path.posix.join(folder, file.split(path.sep).join('/')),
  );

/** The path of a document in the site; undefined if it has no page. */
function pageOf(file: string): string | undefined {
  if (file === 'README.md') return 'readme.md';
  const readme = /^packages\/([\w-]+)\/README\.md$/.exec(file)?.[1];
  if (readme !== undefined) return `packages/${readme}.md`;
  if (/^docs\/(?!examples\/).+\.md$/.test(file)) return file.slice('docs/'.length);
  return file.endsWith('.md') ? `more/${file.replaceAll('/', '-')}` : undefined;
}

/**
 * The hand-written pages: documents, READMEs of packages, and every code file they link to.
 *
 * @returns the text of each page, by its path in the site
 */
export async function sourcePages(): Promise<ReadonlyMap<string, string>> {
  const written = [...(await filesIn('docs')), ...(await readmes())].filter((file) => file.endsWith('.md'));
  const pages = new Map<string, string>([['index.md', await textOf('tools/site/index.md')]]);
  const waiting = [...written.filter((file) => !file.startsWith('docs/examples/'))];
  const seen = new Set(waiting);
  for (let file = waiting.pop(); file !== undefined; file = waiting.pop()) {
    const { text, linked } = file.endsWith('.md') ? asPage(file, await textOf(file)) : await codePage(file);
    pages.set(sitePath(file), text);
    for (const other of linked) {
      if (seen.has(other)) continue;
      seen.add(other);
      waiting.push(other);
    }
  }
  return pages;
}

const readmes = async () => {
  const names = await readdir(fileURLToPath(new URL('packages', root)));
  return ['README.md', ...names.map((name) => `packages/${name}/README.md`)];
};

/** Hidden folders would be skipped. */
const sitePath = (file: string) => pageOf(file) ?? `source/${file.replaceAll(/(^|\/)\./g, '$1')}.md`;

interface Page {
  readonly text: string;
  /** The files of the repository it links to. */
  readonly linked: readonly string[];
}

/** Converts a document to a page: links point to pages, and text outside code is not interpreted as HTML or as a template. */
function asPage(file: string, text: string): Page {
  const linked: string[] = [];
  const prose = (part: string) =>
    part
      .replace(/<!--[\s\S]*?-->/g, '')
      .replaceAll('{{', '&#123;&#123;')
      .replace(/<(?=[a-z/])/gi, '&lt;')
      .replace(/\]\((?!https?:|#)([^)\s#]+)(#[^)\s]*)?\)/g, (_, link: string, anchor = '') => {
        const target = path.posix.normalize(path.posix.join(path.posix.dirname(file), link)).replace(/\/$/, '');
        const isImage = /\.(png|svg)$/.test(target);
        const found = isImage ? target : documentAt(target);
        if (!isImage) linked.push(found);
        const place = isImage ? found.replace('docs/', '') : sitePath(found);
        const page = path.posix.relative(path.posix.dirname(sitePath(file)), place);
        return `](${page.startsWith('.') ? page : `./${page}`}${String(anchor)})`;
      });
  return { text: outsideOfCode(text, prose), linked };
}

/** A folder becomes its README, or a list of its files. */
const documentAt = (target: string) =>
  isFolder(target) && existsSync(new URL(`${target}/README.md`, root)) ? `${target}/README.md` : target;
const isFolder = (target: string) => statSync(new URL(target, root)).isDirectory();

/** Applies a change outside fenced blocks and inline code. */
const outsideOfCode = (text: string, change: (part: string) => string) =>
  text
    .split(/(^```[\s\S]*?^```$|`[^`\n]+`)/m)
    .map((part, index) => (index % 2 === 1 ? part : change(part)))
    .join('');

const languages: Readonly<Record<string, string>> = { '.ts': 'ts', '.mjs': 'js', '.js': 'js', '.yaml': 'yaml' };

/** A page for a code file or the contents of a folder. */
async function codePage(file: string): Promise<Page> {
  if (isFolder(file)) return folderPage(file);
  const language = languages[path.extname(file)] ?? 'text';
  const text = (await textOf(file)).trimEnd();
  const fence = '`'.repeat(4);
  return { text: `# ${path.basename(file)}\n\n\`${file}\`\n\n${fence}${language}\n${text}\n${fence}\n`, linked: [] };
}

async function folderPage(folder: string): Promise<Page> {
  const files = (await filesIn(folder)).filter((file) => !isFolder(file)).sort();
  const list = files.map((file) => `- [${path.posix.relative(folder, file)}](/source/${file}.md)`);
  return { text: `# ${path.basename(folder)}\n\n\`${folder}\`\n\n${list.join('\n')}\n`, linked: files };
}
