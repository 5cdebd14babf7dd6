import type { RunResults } from '@farout/core';
import { counted } from './counted.ts';
import { absent, percent } from './percent.ts';

/** The network's accuracy on the ID set, and which set that is. */
export interface IdAccuracy {
  /** `76.13 %`, or a dash when no image is labelled. */
  readonly accuracy: string;
  /** `imagenet-val, 50,000 images`, and how many of them are labelled where not all are. */
  readonly set: string;
}

/** What stands above the tables. */
export function idAccuracy({ accuracy, labelled, datasets }: RunResults): IdAccuracy {
  const sets = Object.entries(datasets).filter(([, { roles }]) => roles.includes('id'));
  return {
    accuracy: accuracy === null ? absent : `${percent(accuracy)} %`,
    set: sets
      .map(([name, { images, unreadable }]) => {
        const readable = images - unreadable.length;
        return [name, counted(readable, 'image'), ...labelledOf(labelled, readable)].join(', ');
      })
      .join('; '),
  };
}

const labelledOf = (labelled: number | undefined, readable: number): string[] =>
  labelled === undefined || labelled === 0 || labelled === readable ? [] : [`${counted(labelled, 'label')} counted`];
