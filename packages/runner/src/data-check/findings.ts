import type { DatasetDefinition } from '@farout/core';
import type { Part } from '../experiment.ts';

/** The kinds of findings, in the order in which they are reported. */
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

/** Something wrong with a dataset, or something its user should look at. */
export interface Finding {
  readonly dataset: string;
  readonly kind: (typeof findingKinds)[number];
  /** An error makes results wrong or a run impossible; a warning may be intended. */
  readonly severity: 'error' | 'warning';
  /** The image's name in the dataset, or the file, folder, line or class. */
  readonly where: string;
  /** A sentence without a full stop. */
  readonly what: string;
  /** What to do about it, as a complete sentence. */
  readonly fix?: string;
  /** What it is about, if that is several things: names of images, files, folders or classes. */
  readonly items?: readonly string[];
}

/** The role of a dataset in an experiment. */
export type SetRole = 'id' | 'fit' | 'select-id' | 'select-ood' | 'ood';

/** How many images a dataset should have. */
export interface Expected {
  readonly images: number;
  /** Where this is stated: a file. */
  readonly by: string;
  /** The expected layout, in words. */
  readonly layout: string;
}

/** A dataset to check. */
export interface CheckedSet {
  readonly name: string;
  readonly part: Part<DatasetDefinition>;
  readonly roles: readonly SetRole[];
  /** Absent if the number of its images is not stated anywhere. */
  readonly expected?: Expected;
}

/** A dataset in numbers. */
export interface SetSummary {
  readonly roles: readonly SetRole[];
  /** Images that the experiment uses. */
  readonly images: number;
  /** Images that exist, before a split. */
  readonly listed: number;
  /** Images that should exist; null if not stated. */
  readonly expected: number | null;
  readonly unreadable: number;
  /** Images without features to recognise them by; they never count as near-duplicates. */
  readonly blank: number;
  /** Images with a label. */
  readonly labelled: number;
  /** Number of classes that have images, and the sizes of the smallest and the largest of them; null if no image has a label. */
  readonly classes: { readonly count: number; readonly least: number; readonly most: number } | null;
  readonly errors: number;
  readonly warnings: number;
}

/** The result of a check. Its format is a contract, described in docs/experiment.md. */
export interface DataVerdict {
  readonly schemaVersion: 1;
  /** True if there are no errors; there may be warnings. */
  readonly ok: boolean;
  /** The number of the network's classes; null if unknown. */
  readonly classes: number | null;
  readonly datasets: Readonly<Record<string, SetSummary>>;
  readonly findings: readonly Finding[];
  /** What was not checked, and why; one sentence each. */
  readonly notes: readonly string[];
}
