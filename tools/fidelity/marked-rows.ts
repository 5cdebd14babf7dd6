import {
  aurocParts,
  differenceVariance,
  normalQuantile,
  notBeaten,
  type AurocParts,
} from '../../packages/statistics/src/index.ts';
import { atLeast, type Check } from './check.ts';
import { Normals } from './normals.ts';

const tables = 2000;
/** The true AUROC of each of 20 rows. */
const columns = {
  '20 equal rows at 0.9': Array<number>(20).fill(0.9),
  '5 equal ones at 0.9, 15 from 0.895 down to 0.6': Array.from({ length: 20 }, (_, row) =>
    row < 5 ? 0.9 : 0.9 - 0.005 - 0.295 * ((row - 5) / 14) ** 2,
  ),
  '20 equal rows at 0.99': Array<number>(20).fill(0.99),
};
const sizes = [
  [100, 100],
  [1000, 480],
] as const;
/** The share of a score's variance that comes from the image and is common to all rows. */
const shared = 0.8;

/** How often the first of the best rows is marked: 20 detectors on the same images, compared by the paired errors of their AUROCs. */
export function markedRows(): Check[] {
  return sizes.flatMap(([id, ood]) =>
    Object.entries(columns).map(([title, aurocs]) => {
      const normals = new Normals(`marked ${id} ${ood} ${title}`);
      let [marked, best] = [0, 0];
      for (let table = 0; table < tables; table++) {
        const rows = marks(tableOf(aurocs, id, ood, normals));
        marked += rows.length / tables;
        best += Number(rows[0] === 0);
      }
      const what = `best of 20 rows marked, ${id} ID and ${ood} OOD images, ${title} (${marked.toFixed(1)} rows marked)`;
      return atLeast(what, best / tables, 0.95);
    }),
  );
}

const marks = (rows: readonly AurocParts[]) =>
  notBeaten(
    rows.map(({ value }) => value),
    (a, b) => Math.sqrt(differenceVariance(rows[a]!, rows[b]!)),
    'higher',
  );

function tableOf(aurocs: readonly number[], id: number, ood: number, normals: Normals): AurocParts[] {
  const [ofId, ofOod] = [normals.next(id), normals.next(ood)];
  const scores = (image: Float32Array, distance: number) => {
    const own = normals.next(image.length);
    return image.map((noise, at) => Math.sqrt(shared) * noise + Math.sqrt(1 - shared) * own[at]! + distance);
  };
  return aurocs.map((auroc) => aurocParts(scores(ofId, Math.SQRT2 * normalQuantile(auroc)), scores(ofOod, 0)));
}
