import { printable } from '@farout/core';
import type { Description, Look, Refusals } from '@farout/deploy';

/** Where an alarm occurred. */
export interface Alarm {
  /** Line of the log, from 1. */
  readonly line: number;
  readonly image: string;
  /** How many images had come, and how many of them were refused. */
  readonly images: number;
  readonly refused: number;
  readonly evidence: number;
}

interface Seen {
  readonly images: number;
  readonly refused: number;
  readonly unreadable: number;
  readonly evidence: number;
  readonly groups: readonly (Refusals & { readonly evidence: number })[];
}

/** The result of one test of a folder, and its assumptions. */
export function lookText(
  name: string,
  look: Look,
  {
    description,
    alpha,
    repeated,
  }: { readonly description: Description; readonly alpha: number; readonly repeated: number },
): string {
  const { p, groups } = look;
  const isDrift = p <= alpha;
  return lines([
    counted(name, look, groups),
    ...(repeated > 0 ? [`${repeated} that duplicate another file were left out.`] : []),
    ...ofGroups(groups, description, (group) => `p = ${short(group.p)}`),
    `p = ${short(p)}: for images like ${source(description)}, this many or more are refused in at most ${percent(p)} of cases.`,
    isDrift
      ? `Drift: more images are refused than promised (p is at most ${alpha}).`
      : `No drift detected (p is above ${alpha}). Few images reveal only a large drift.`,
    'This holds for a single check of exchangeable images (any order equally likely), which frames of one video are not.',
    'To check repeatedly, keep a log: `farout score --csv`, then run `farout watch` on the log.',
    ...caution(description),
  ]);
}

/** An alarm, printed at once. */
export const alarmText = (name: string, { line, image, images, refused, evidence }: Alarm, alpha: number): string =>
  lines([
    `${printable(name)}:${line}  Alarm at ${printable(image)}: ${refused} of ${images} images refused, evidence ${short(evidence)} (alarm at ${short(1 / alpha)}).`,
  ]);

/** The result at the end of a log, and its assumptions. */
export function watchText(
  name: string,
  seen: Seen,
  { description, alpha, drift }: { readonly description: Description; readonly alpha: number; readonly drift: boolean },
): string {
  const { evidence, groups, unreadable } = seen;
  return lines([
    counted(name, seen, groups),
    ...(unreadable > 0 ? [`${unreadable} could not be read, and are not counted.`] : []),
    ...ofGroups(groups, description, (group) => `evidence ${short(group.evidence)}`),
    drift
      ? `Drift: from some image on, more were refused than promised. Evidence at the end: ${short(evidence)}.`
      : `No drift detected: the evidence is ${short(evidence)}, and never reached ${short(1 / alpha)}.`,
    `At most ${percent(alpha)} of logs without drift ever raise an alarm, however long they are and however often you check.`,
    `No drift means: the images are like ${source(description)}, and are exchangeable (any order equally likely).`,
    ...caution(description),
  ]);
}

const lines = (all: readonly string[]) => all.map((line) => `${line}\n`).join('');

function counted(
  name: string,
  { images, refused }: Pick<Seen, 'images' | 'refused'>,
  groups: readonly Refusals[],
): string {
  const seen = `${printable(name)}: ${refused} of ${images} images are refused (${percent(refused / images)})`;
  if (groups.length > 1) return `${seen}, by thresholds for ${groups.length} groups of classes.`;
  const [{ k, n }] = groups as [Refusals];
  return `${seen}; ${percent(k / (n + 1))} (${k} of ${n + 1}) were promised on average.`;
}

/** Number of groups with a line each: those with the largest shares. */
const mostGroups = 10;

function ofGroups<Group extends Refusals>(
  groups: readonly Group[],
  { labels }: Description,
  verdict: (group: Group) => string,
): string[] {
  if (groups.length < 2) return [];
  const share = ({ images, refused, k, n }: Group) => ((refused / Math.max(images, 1)) * (n + 1)) / k;
  const shown = groups.toSorted((a, b) => share(b) - share(a)).slice(0, mostGroups);
  const nameOf = (each: number | undefined) =>
    each === undefined ? 'other classes' : printable(labels?.[each] ?? `class ${each}`);
  const rest = groups.length - shown.length;
  return [
    ...shown.map(
      (group) =>
        `  ${nameOf(group.class)}: ${group.refused} of ${group.images}, ${percent(group.k / (group.n + 1))} promised, ${verdict(group)}`,
    ),
    ...(rest > 0 ? [`  and ${rest} more, with smaller shares`] : []),
  ];
}

const source = ({ threshold }: Description) =>
  threshold.rule === 'conformal' ? 'the calibration images' : "the run's ID images";

/** A warning for a run's threshold, which is based on images that may have chosen the detector and that are not the user's own. */
const caution = ({ threshold }: Description) =>
  threshold.rule === 'conformal'
    ? []
    : ['The threshold comes from the run. If your camera is a different one, first run `farout calibrate`.'];

const percent = (share: number) => `${short(100 * share)} %`;

const short = (value: number) => String(Number(value.toPrecision(3)));
