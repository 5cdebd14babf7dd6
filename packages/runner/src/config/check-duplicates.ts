import type { ConfigNode } from './node.ts';
import type { Mistakes } from './faults.ts';

/** Notes every text of a list that stands in it a second time. */
export function checkDuplicates(list: ConfigNode | undefined, mistakes: Mistakes): void {
  const seen = new Set<unknown>();
  for (const item of list?.kind === 'list' ? list.items : []) {
    if (item.kind !== 'scalar') continue;
    if (seen.has(item.value)) {
      mistakes.add('OOD_DUPLICATE_NAME', item.place, `"${String(item.value)}" is listed twice`, {
        fix: 'Leave one out.',
      });
    }
    seen.add(item.value);
  }
}
