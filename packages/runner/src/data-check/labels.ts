import type { DatasetImage } from '@farout/core';
import { foreignClasses } from '../prepare/datasets.ts';
import type { Finding, SetSummary } from './findings.ts';
import { shown, type OpenedSet } from './open-set.ts';

/** The number of the network's classes, and their names if known. */
export interface NetworkClasses {
  readonly count: number;
  readonly names?: readonly string[] | undefined;
}

type Found = Omit<Finding, 'dataset'>;

/** What is wrong with the classes of a dataset's images. `network` is undefined if unknown. */
export function labelFindings(set: OpenedSet, network: NetworkClasses | undefined): Finding[] {
  const isOod = set.roles.includes('ood') || set.roles.includes('select-ood');
  const found = isOod ? idClasses(set, network) : [...foreign(set, network), ...gaps(set, network)];
  return found.map((each) => ({ dataset: set.name, ...each }));
}

/** The number of images of each class. */
export function classCounts(images: readonly DatasetImage[]): ReadonlyMap<number, number> {
  const counts = new Map<number, number>();
  for (const { label } of images) if (label !== undefined) counts.set(label, (counts.get(label) ?? 0) + 1);
  return counts;
}

/** The class counts in summary; null if no image has a label. */
export function classSummary(images: readonly DatasetImage[]): SetSummary['classes'] {
  const counts = [...classCounts(images).values()];
  if (counts.length === 0) return null;
  const [least, most] = counts.reduce(([low, high], n) => [Math.min(low, n), Math.max(high, n)], [Infinity, 0]);
  return { count: counts.length, least, most };
}

/** Labels and class names that the network does not have. */
function foreign({ name, images, classes, part }: OpenedSet, network: NetworkClasses | undefined): Found[] {
  if (!network) return [];
  return foreignClasses(name, { images, ...(classes && { classes }) }, network.count).map(({ message, fix }) => ({
    kind: 'label',
    severity: 'error',
    where: shown(part.place),
    what: message,
    ...(fix !== undefined && { fix }),
  }));
}

/** Images without a label in a set where others have one, and classes without an image. */
function gaps({ images, classes, part }: OpenedSet, network: NetworkClasses | undefined): Found[] {
  const counts = classCounts(images);
  if (counts.size === 0) return [];
  const unlabelled = images.filter(({ label }) => label === undefined).map(({ id }) => id);
  const count = network?.count ?? classes?.length ?? 0;
  const empty = Array.from({ length: count }, (_, label) => label).filter((label) => !counts.has(label));
  const nameOf = (label: number) => classes?.[label] ?? network?.names?.[label] ?? String(label);
  const said = (items: readonly string[], what: string): Found[] =>
    items.length === 0 ? [] : [{ kind: 'label', severity: 'warning', where: shown(part.place), what, items }];
  return [
    ...said(
      unlabelled,
      `${unlabelled.length} of ${images.length} images have no label: they are not counted in accuracy`,
    ),
    ...said(empty.map(nameOf), `${empty.length} of the ${count} classes have no image`),
  ];
}

/**
 * Images of an OOD set whose list assigns them a class of the network, class by class. If only some images have a label,
 * the others are marked as out of distribution, so these are not; if all have one, the labels may be the set's own.
 */
function idClasses({ images, writtenLabels }: OpenedSet, network: NetworkClasses | undefined): Found[] {
  const counts = classCounts(images);
  if (!writtenLabels || counts.size === 0) return [];
  const labelled = images.filter(({ label }) => label !== undefined);
  if (labelled.length === images.length) return [allLabelled(images)];
  return [...counts.keys()]
    .sort((a, b) => a - b)
    .map((label) => {
      const items = labelled.filter((image) => image.label === label).map(({ id }) => id);
      const called = network?.names?.[label];
      const isForeign = network !== undefined && label >= network.count;
      const shows = isForeign
        ? `has a label that is not one of the network's ${network.count} classes`
        : 'has a class of the network in its list: it is not out of distribution';
      return {
        kind: 'id-class',
        severity: 'error',
        where: `class ${label}${called === undefined ? '' : ` (${called})`}`,
        what: items.length === 1 ? `${items[0]!} ${shows}` : `each of ${items.length} images ${shows}`,
        fix: 'Remove the line from the list; if the image is out of distribution, label it -1.',
        items,
      } satisfies Found;
    });
}

const allLabelled = (images: readonly DatasetImage[]): Found => ({
  kind: 'id-class',
  severity: 'warning',
  where: images[0]!.id,
  what: `all ${images.length} images have a label in their list: if these are classes of the network, none is out of distribution`,
  fix: "Replace each by -1. If they are the set's own classes, nothing is wrong: they are not read.",
});
