import { csvLine, printable, textCell } from '@farout/core';
import type { Description, RejectedTogether, Scored, Verdict } from '@farout/deploy';
import { shortestFloat32 } from '@farout/runner';
import { printEvent } from '../events.ts';

/** Prints the verdicts of images. */
export interface Printer {
  /** Called for each image as soon as its result is known, in order. */
  readonly add: (scored: Scored) => void;
  /** Called after all images. */
  readonly end: (all: readonly Scored[]) => void;
}

type Write = (text: string) => void;

/** One line of JSON for each image as soon as it is scored; numbers are in the shortest form that reads back as the same float32. */
export const jsonPrinter = (): Printer => ({
  add: (scored) => {
    const { name: image } = scored;
    if ('unreadable' in scored) printEvent({ event: 'unreadable', image, reason: scored.unreadable });
    else {
      const { score, probability, ...verdict } = scored.verdict;
      const rounded = { score: Number(shortestFloat32(score)), probability: Number(shortestFloat32(probability)) };
      printEvent({ event: 'scored', image, ...rounded, ...verdict });
    }
  },
  end: () => undefined,
});

const columns = ['image', 'label', 'class', 'probability', 'score', 'is_in_distribution', 'lower', 'p', 'unreadable'];

/** CSV (RFC 4180), one line for each image as soon as it is scored. For an unreadable image, the last column has the reason. */
export function csvPrinter(write: Write): Printer {
  write(csvLine(columns));
  return {
    add: (scored) => {
      if ('unreadable' in scored) {
        const none = columns.slice(2, -1).map(() => '');
        write(csvLine([scored.name, ''], [...none, textCell(scored.unreadable)]));
        return;
      }
      const { label = '', class: number, probability, score, isInDistribution, lower, p } = scored.verdict;
      const numbers = [String(number), shortestFloat32(probability), shortestFloat32(score)];
      write(csvLine([scored.name, label], [...numbers, String(isInDistribution), String(lower), String(p), '']));
    },
    end: () => undefined,
  };
}

/** A table for people, printed when all images are scored, because column widths depend on all of them. */
export function tablePrinter(write: Write, description: Description): Printer {
  return {
    add: () => undefined,
    end: (all) => {
      const read = all.flatMap((scored) => ('verdict' in scored ? [scored] : []));
      const lines = read.length === 0 ? [] : [...table(read), ''];
      write(`${[...lines, ...legend(description), summary(all)].join('\n')}\n`);
    },
  };
}

const heads = ['image', 'class', 'score', 'verdict', 'ID lower', 'p'];
const textColumns = 2;

function table(scored: readonly { readonly name: string; readonly verdict: Verdict }[]): string[] {
  const rows = scored.map(({ name, verdict }) => [printable(name), ...cells(verdict)]);
  const widths = heads.map((head, column) =>
    rows.reduce((most, row) => Math.max(most, row[column]!.length), head.length),
  );
  return [heads, ...rows].map((row) =>
    row
      .map((cell, column) => (column < textColumns ? cell.padEnd(widths[column]!) : cell.padStart(widths[column]!)))
      .join('  ')
      .trimEnd(),
  );
}

const cells = ({ label, class: number, score, isInDistribution, lower, p }: Verdict) => [
  label === undefined ? String(number) : printable(label),
  score.toPrecision(5),
  isInDistribution ? 'ID' : 'OOD',
  `${(100 * lower).toFixed(1)} %`,
  p.toPrecision(2),
];

/** What the numbers are based on, and what p promises. */
function legend({ detector, threshold, idScores: { count, scores } }: Description): string[] {
  const { value, rule } = threshold;
  const accepted = scores.filter((each) => each > value).length / scores.length;
  const images = rule === 'conformal' ? `${count} images that calibrated it` : `run's ${count} ID images`;
  const ofClasses = rule === 'conformal' && (threshold.own ?? []).length > 0;
  const limit = ofClasses
    ? `the threshold of its class: the file was calibrated for each on the ${images}.`
    : `${value.toPrecision(5)}, as ${(100 * accepted).toFixed(1)} % of the ${images} do.`;
  return [
    `${printable(detector)}: an image is ID when its score exceeds ${limit}`,
    'ID lower: share of those images with a lower score. p: among new images like those, at most a share t has p ≤ t.',
  ];
}

function summary(all: readonly Scored[]): string {
  const count = (is: (verdict: Verdict) => boolean) =>
    all.filter((scored) => 'verdict' in scored && is(scored.verdict)).length;
  const unreadable = all.filter((scored) => 'unreadable' in scored).length;
  const found = `${count((each) => each.isInDistribution)} ID, ${count((each) => !each.isInDistribution)} OOD`;
  const images = `${all.length} image${all.length === 1 ? '' : 's'}`;
  return `${images}: ${found}${unreadable > 0 ? `, ${unreadable} that cannot be read` : ''}.`;
}

/** Which images are rejected together, and what is promised about them. */
export function rejectedText({ images, judged, least }: RejectedTogether, fdr: number): string {
  const share = `${100 * fdr} %`;
  if (images.length > 0) {
    const promise = `of such a list, at most ${share} is ID on average, if images are independent (no frames of one video)`;
    return `\nRejected together: ${images.length} of ${judged}; ${promise}:\n${images.map((name) => `  ${printable(name)}\n`).join('')}`;
  }
  const could =
    least > judged
      ? 'with so few ID scores, none can be rejected: calibrate on more images'
      : `at least ${least} would be needed, all of them below every ID score`;
  return `\nNone of ${judged} is rejected at ${share}; ${could}.\n`;
}
