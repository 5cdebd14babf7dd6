import type { Detector, Part } from '../experiment.ts';
import type { HookDefinition } from '@farout/core';
import type { ConfigNode, MapNode } from './node.ts';
import { refuseName } from './refuse-key.ts';
import { resolvePart, type PartContext } from './parts.ts';

/** The detectors that could be resolved; what is wrong with the others is noted. */
export async function resolveDetectors({ entries }: MapNode, context: PartContext): Promise<Detector[]> {
  const detectors: Detector[] = [];
  for (const [name, { keyPlace, value }] of entries) {
    refuseName(name, keyPlace, context.mistakes);
    const detector = await resolveDetector(name, value, context);
    if (detector) detectors.push(detector);
  }
  return detectors;
}

/** One scorer, or a list of hooks with a scorer last. All parts are looked at, also after one that is wrong. */
async function resolveDetector(name: string, node: ConfigNode, context: PartContext): Promise<Detector | undefined> {
  const parts = node.kind === 'list' ? node.items : [node];
  const hooks: (Part<HookDefinition> | undefined)[] = [];
  for (const part of parts.slice(0, -1)) hooks.push(await resolvePart('hook', part, context));
  const scorer = parts.length > 0 ? await resolvePart('scorer', parts.at(-1)!, context) : undefined;
  const known = hooks.filter((hook) => hook !== undefined);
  return scorer && known.length === hooks.length ? { name, hooks: known, scorer } : undefined;
}

/**
 * Notes every part that learns when there is no fit set to learn from. `suggestion`: the dataset that the fix names.
 */
export function checkFitSet(detectors: readonly Detector[], suggestion: string, { mistakes }: PartContext): void {
  for (const { definition, params, place } of detectors.flatMap(({ hooks, scorer }) => [...hooks, scorer])) {
    try {
      if (definition.fit?.(params) === undefined) continue;
      mistakes.add(
        'OOD_MISSING_FIT_SET',
        place,
        `${definition.name} learns from data, but the experiment has no fit set`,
        {
          fix: `Add "fit: ${suggestion}", or another dataset in distribution.`,
        },
      );
    } catch (cause) {
      mistakes.add('OOD_PLUGIN_FAILED', place, `${definition.name} failed to say what it learns: ${String(cause)}`, {
        fix: 'Correct its "fit", or change its parameters.',
        cause,
      });
    }
  }
}
