import type { DatasetDefinition } from '@farout/core';
import type { Part } from '../experiment.ts';

/** What may be found, in the order in which it is told. */
export const findingKinds = [
  'missing',
  'layout',
  'count',
  'unreadable',
  'label',
  'id-class',
  'duplicate',
  'near-duplicate',
] as const;

/** Something that is wrong with a dataset, or that its user should look at. */
export interface Finding {
  readonly dataset: string;
  readonly kind: (typeof findingKinds)[number];
  /** With an error numbers of a run are wrong, or there is no run; a warning may be as it should be. */
  readonly severity: 'error' | 'warning';
  /** The image by its name in the dataset; or the file, folder, line or class. */
  readonly where: string;
  /** A sentence without a full stop. */
  readonly what: string;
  /** What to do about it, a whole sentence. */
  readonly fix?: string;
  /** What it is about where that is more than one thing: names of images, files, folders, classes. */
  readonly items?: readonly string[];
}

/** What an experiment uses a dataset for. */
export type SetRole = 'id' | 'fit' | 'select-id' | 'select-ood' | 'ood';

/** How much of a dataset there should be. */
export interface Expected {
  readonly images: number;
  /** What says so: a file. */
  readonly by: string;
  /** What lies where, in its words. */
  readonly layout: string;
}

/** A dataset that is to be checked. */
export interface CheckedSet {
  readonly name: string;
  readonly part: Part<DatasetDefinition>;
  readonly roles: readonly SetRole[];
  /** Absent where nobody says how many images it has. */
  readonly expected?: Expected;
}

/** What a dataset has, in numbers. */
export interface SetSummary {
  readonly roles: readonly SetRole[];
  /** Images that the experiment takes. */
  readonly images: number;
  /** Images that are there, before a split takes some. */
  readonly listed: number;
  /** Images that should be there; null where nobody says. */
  readonly expected: number | null;
  readonly unreadable: number;
  /** Images that show nothing by which they could be known again; they are near to none. */
  readonly blank: number;
  /** Images with a label. */
  readonly labelled: number;
  /** Classes that have an image, and how many the smallest and the largest of them have; null where no image has a label. */
  readonly classes: { readonly count: number; readonly least: number; readonly most: number } | null;
  readonly errors: number;
  readonly warnings: number;
}

/** What became of a check: a contract, which docs/experiment.md describes. */
export interface DataVerdict {
  readonly schemaVersion: 1;
  /** Whether there is no error; there may be warnings. */
  readonly ok: boolean;
  /** How many classes the network has; null where none is known. */
  readonly classes: number | null;
  readonly datasets: Readonly<Record<string, SetSummary>>;
  readonly findings: readonly Finding[];
  /** What was not checked, and why, a sentence each. */
  readonly notes: readonly string[];
}
