import path from 'node:path';
import { sizeInWords, type Manifest, type ManifestFile, type Source } from './manifest.ts';

const roles: Readonly<Record<Source['role'], string>> = {
  id: 'In distribution',
  fit: 'For fitting',
  ood: 'Out of distribution',
  weights: 'Weights',
};

/** Renders manifests as a Markdown page: a table for each role, then a section for each manifest with its terms, files and sources. */
export function manifestsPage(manifests: readonly Manifest[]): string {
  const sorted = [...manifests].sort((a, b) => (a.name < b.name ? -1 : 1));
  const groups = Object.entries(roles).map(
    ([role, title]) => [title, sorted.filter(({ source }) => source.role === role)] as const,
  );
  return [
    '# Datasets and weights',
    '',
    '<!-- Written by `npm run datasets` from datasets/*.yaml and packages/backbones/models/*.yaml. -->',
    '',
    '`farout pull <name...>` downloads these from their publishers, verifies them and unpacks them.',
    '`farout pull <experiment>` downloads everything that an experiment lacks. Images are stored below',
    '`datasets`. Weights are stored in your cache folder, where a backbone looks for them if the',
    'experiment names none.',
    ...groups.flatMap(([title, group]) => (group.length === 0 ? [] : ['', `## ${title}`, '', ...table(group)])),
    '',
    '## Details',
    ...sorted.flatMap(section),
    '',
  ].join('\n');
}

const table = (manifests: readonly Manifest[]): string[] => [
  '| name | what | images | size | checksum |',
  '|---|---|---|---|---|',
  ...manifests.map(({ name, source: { title, images, files } }) => {
    const size = files.every((file) => file.size !== undefined)
      ? sizeInWords(files.reduce((sum, file) => sum + (file.size ?? 0), 0))
      : '';
    const checksums = [...new Set(files.map(checksum))].join(', ');
    return `| [${name}](#${name}) | ${cell(title)} | ${images?.toLocaleString('en') ?? ''} | ${size} | ${checksums} |`;
  }),
];

function checksum({ sha256, sha256Begins, md5 }: ManifestFile): string {
  if (sha256 !== undefined) return 'SHA-256';
  if (md5 !== undefined) return 'MD5 (detects damage, not forgery)';
  return sha256Begins === undefined ? 'none published' : 'eight digits (detects damage, not forgery)';
}

const cell = (text: string) => text.replaceAll('|', '\\|');

function section({ name, source }: Manifest): string[] {
  const { title, license, page, accept, layout, deduplicated, citation, found, files } = source;
  return [
    '',
    `### ${name}`,
    '',
    `${title}.`,
    '',
    `- Terms: ${license} (${page})${accept ? '. Accept them there, then place the file by hand' : ''}`,
    ...files.map(fileLine),
    `- Layout: ${layout}`,
    ...(deduplicated === undefined ? [] : [`- De-duplicated: ${deduplicated}`]),
    `- Citation: ${citation}`,
    `- Sources: ${found.join('; ')}`,
  ];
}

function fileLine({ path: place, addresses, mirrors, size, sha256, sha256Begins, md5 }: ManifestFile): string {
  const facts = [
    size !== undefined && `${size.toLocaleString('en')} bytes`,
    sha256 !== undefined && `SHA-256 \`${sha256}\``,
    sha256Begins !== undefined && `SHA-256 \`${sha256Begins}…\``,
    md5 !== undefined && `MD5 \`${md5}\``,
    addresses.length > 0 && `from ${addresses.map((each) => `<${each}>`).join(', ')}`,
    mirrors.length > 0 && `mirrors ${mirrors.map((each) => `<${each}>`).join(', ')}`,
  ].filter((fact) => fact !== false);
  return `- File: \`${path.basename(place)}\`${facts.map((fact) => `, ${fact}`).join('')}`;
}
