import { FaroutError } from './farout-error.ts';

const mark = Symbol.for('farout.core');

/**
 * Notes where this copy of core was loaded from. With two copies in one process, errors and parameters of the one are strangers
 * to the other, which shows far from its reason.
 *
 * @throws FaroutError OOD_CORE_TWICE naming both places.
 */
export function refuseSecondCore(here: string): void {
  const first: unknown = Reflect.get(globalThis, mark) ?? here;
  Reflect.set(globalThis, mark, first);
  if (first === here) return;
  throw new FaroutError('OOD_CORE_TWICE', `@farout/core is loaded from two places: ${String(first)} and ${here}`, {
    fix: 'Make it a peerDependency of every plugin, and install again: npm ls @farout/core shows the copies.',
  });
}

const { protocol, pathname, href } = new URL('..', import.meta.url);
// A folder as it is called, without what a URL makes of blanks and umlauts.
refuseSecondCore(protocol === 'file:' ? decodeURIComponent(pathname) : href);
