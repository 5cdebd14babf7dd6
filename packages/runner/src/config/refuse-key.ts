import type { SourcePlace } from '@farout/core';
import type { Mistakes } from './faults.ts';

/** The columns of scores.csv beside those that are called by detectors. */
const columns = ['dataset', 'image', 'label', 'predicted'];

/** Notes a name of a detector or a dataset that a reader of scores.csv would take for another column, or cannot see the end of. */
export function refuseName(name: string, place: SourcePlace, mistakes: Mistakes): void {
  if (columns.includes(name.trim().toLowerCase())) {
    mistakes.add('OOD_DUPLICATE_NAME', place, `"${name}" is what scores.csv calls a column of its own`, {
      fix: 'Give it another name.',
      choices: { title: 'Taken', names: columns },
    });
  } else if (name !== name.trim()) {
    mistakes.add('OOD_CONFIG_TYPE', place, `the name "${name}" begins or ends with a blank`, {
      fix: name.trim() === '' ? 'Give it a name.' : `Write "${name.trim()}".`,
    });
  }
}

/** Whether a key is refused whatever it would mean: written to an object, `__proto__` would not become a property. */
export function refuseKey(key: string, place: SourcePlace, mistakes: Mistakes): boolean {
  if (key !== '__proto__') return false;
  mistakes.add('OOD_UNKNOWN_KEY', place, 'nothing can be called "__proto__"', { fix: 'Give it another name.' });
  return true;
}
