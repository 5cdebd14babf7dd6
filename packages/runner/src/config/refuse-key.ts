import type { SourcePlace } from '@farout/core';
import type { Mistakes } from './mistakes.ts';

/** Whether a key is refused whatever it would mean: written to an object, `__proto__` would not become a property. */
export function refuseKey(key: string, place: SourcePlace, mistakes: Mistakes): boolean {
  if (key !== '__proto__') return false;
  mistakes.add('OOD_UNKNOWN_KEY', place, 'nothing can be called "__proto__"', { fix: 'Give it another name.' });
  return true;
}
