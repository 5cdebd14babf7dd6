import { FaroutError } from './farout-error.ts';

const mark = Symbol.for('farout.core');

/**
 * Records where this copy of core was loaded from. With two copies in one process, neither recognises the other's errors and parameters,
 * which causes failures far from the cause.
 *
 * @throws FaroutError OOD_CORE_TWICE with both places, when a second copy is loaded.
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
// The plain folder name, without URL escapes for spaces and umlauts.
refuseSecondCore(protocol === 'file:' ? decodeURIComponent(pathname) : href);
