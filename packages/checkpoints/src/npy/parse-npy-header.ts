import { Refusal } from '../refusal.ts';
import { shown } from '../shown.ts';

/** What the header of a .npy file says. */
export interface NpyHeader {
  readonly descr: string;
  readonly fortranOrder: boolean;
  readonly shape: readonly number[];
}

// No more than one space anywhere but at the end, as all writers do: so the expression needs no backtracking.
const pair = String.raw` ?'(descr|fortran_order|shape)' ?: ?('[^'\\]*'|True|False|\([\d, ]*\)) ?`;
const dictionary = new RegExp(String.raw`^\{${pair},${pair},${pair},? ?\} *\n?$`);
const isShape = /^\((?:|\d+, ?|\d+(?:, ?\d+)+,? ?)\)$/;

/**
 * Parses the header of a .npy file, a Python dictionary with exactly these three keys in any order:
 * `{'descr': '<f4', 'fortran_order': False, 'shape': (32, 2048), }`.
 *
 * @throws Refusal for any other text.
 */
export function parseNpyHeader(text: string): NpyHeader {
  const [, ...parts] = dictionary.exec(text) ?? [];
  const values = new Map([0, 2, 4].map((i) => [parts[i], parts[i + 1] ?? '']));
  const descr = values.get('descr') ?? '';
  const order = values.get('fortran_order') ?? '';
  const tuple = values.get('shape') ?? '';
  const shape = (tuple.match(/\d+/g) ?? []).map(Number);
  if (
    !descr.startsWith("'") ||
    !/^(True|False)$/.test(order) ||
    !isShape.test(tuple) ||
    !shape.every(Number.isSafeInteger)
  ) {
    throw new Refusal(
      `its header is not one of a plain array: ${shown(text.trim())}`,
      'Save a plain array, not a structured one: np.save(path, array).',
    );
  }
  return { descr: descr.slice(1, -1), fortranOrder: order === 'True', shape };
}
