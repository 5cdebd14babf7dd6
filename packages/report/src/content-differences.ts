import type { RunResults } from '@farout/core';
import type { NamedRun } from './named-run.ts';

/** Content that an experiment only names. */
interface Content {
  readonly title: string;
  /** What the experiment says of it. */
  readonly said: (experiment: Readonly<Record<string, unknown>>) => unknown;
  /** SHA-256 of what the run found there; undefined where the run has none or does not say. */
  readonly found: (results: RunResults) => string | undefined;
}

const contents: readonly Content[] = [
  {
    title: 'SHA-256 of the network with its weights',
    said: ({ backbone }) => backbone,
    found: ({ hashes }) => hashes.backbone,
  },
  {
    title: 'SHA-256 of the last layer',
    said: ({ backbone }) => backbone,
    found: ({ hashes }) => hashes.head,
  },
  {
    title: "SHA-256 of the fit set's images",
    said: ({ fit, datasets }) => [fit, (datasets as Readonly<Record<string, unknown>> | undefined)?.[String(fit)]],
    found: ({ datasets }) => Object.values(datasets).find(({ roles }) => roles.includes('fit'))?.fingerprint,
  },
];

/** Digits of a hash that are shown: enough to tell any two apart. */
const digits = 12;

/** What runs found differently where their experiments say the same: weights or images that changed under their path. */
export const contentDifferences = (runs: readonly NamedRun[]): string[] =>
  contents
    .filter((content) => isTwofold(content, runs))
    .map(({ title, found }) => {
      const hashes = runs.map(({ results }) => found(results)?.slice(0, digits) ?? '—');
      return `${title}: ${hashes.join(' | ')}`;
    });

/** Whether two runs say the same of a content and found another. */
function isTwofold({ said, found }: Content, runs: readonly NamedRun[]): boolean {
  const first = new Map<string, string>();
  return runs.some(({ results }) => {
    const experiment = (results.experiment ?? {}) as Parameters<Content['said']>[0];
    const [words, hash] = [JSON.stringify(said(experiment)), found(results)];
    if (hash === undefined) return false;
    if (!first.has(words)) first.set(words, hash);
    return first.get(words) !== hash;
  });
}
