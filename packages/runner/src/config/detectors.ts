import type { HookDefinition, SourcePlace } from '@farout/core';
import { setsOf, stepsOf, type Detector, type Part } from '../experiment.ts';
import { refuseName, type Faults } from './faults.ts';
import type { MapNode } from './node.ts';
import { resolvePart, type PartContext } from './parts.ts';
import { withPreset } from './preset.ts';
import { fitKey } from './schema.ts';
import { pointsOf, type WrittenPoint } from './sweep.ts';

/** The detectors that could be resolved; faults in the others are recorded. */
export async function resolveDetectors({ entries }: MapNode, context: PartContext): Promise<Detector[]> {
  const detectors: Detector[] = [];
  const taken = new Set(entries.keys());
  for (const [name, { keyPlace, value }] of entries) {
    refuseName(name, keyPlace, context.faults);
    const parts = value.kind === 'list' ? value.items : [value];
    const whole = parts.map((part, at) => withPreset(at === parts.length - 1 ? 'scorer' : 'hook', part, context));
    for (const point of pointsOf(name, whole, context.faults)) {
      if (point.name !== name && taken.has(point.name)) noteTaken(point.name, keyPlace, context.faults);
      taken.add(point.name);
      const detector = await resolveDetector(point, context);
      const values = detector && point.values([...detector.hooks, detector.scorer]);
      if (detector)
        detectors.push(values!.length > 0 ? { ...detector, point: { of: name, values: values! } } : detector);
    }
  }
  return detectors;
}

const noteTaken = (name: string, place: SourcePlace, faults: Faults) =>
  faults.add('OOD_DUPLICATE_NAME', place, `a point of its sweep would have the name of another detector, "${name}"`, {
    fix: 'Rename one of the two.',
  });

/** One scorer, or a list of hooks ending with a scorer. All parts are checked, even after a faulty one. */
async function resolveDetector(
  { name, parts }: Pick<WrittenPoint, 'name' | 'parts'>,
  context: PartContext,
): Promise<Detector | undefined> {
  const hooks: (Part<HookDefinition> | undefined)[] = [];
  for (const part of parts.slice(0, -1)) hooks.push(await resolvePart('hook', part, context));
  const scorer = parts.length > 0 ? await resolvePart('scorer', parts.at(-1)!, context) : undefined;
  const known = hooks.filter((hook) => hook !== undefined);
  const late = hooks.find((hook, index) => index > 0 && hook?.definition.first);
  if (late) {
    const message = `"${late.definition.name}" replaces the network's features, so the effect of earlier hooks would be lost`;
    context.faults.add('OOD_WRONG_ROLE', late.place, message, { fix: 'Put it first in the list.' });
  }
  return scorer && known.length === hooks.length ? { name, hooks: known, scorer } : undefined;
}

/** The datasets that parts and their steps name as their own fit sets, each at the place where it is named. */
export const ownFitSets = (detectors: readonly Detector[]) =>
  detectors
    .flatMap(({ hooks, scorer }) => [...hooks, scorer])
    .flatMap((part) => setsOf(part, undefined).map((name) => ({ name, place: part.placeOf(fitKey) })));

/** Records a fault for every part that learns but has no fit set. `suggestion`: the dataset named in the fix. */
export function checkFitSet(detectors: readonly Detector[], suggestion: string, { faults }: PartContext): void {
  for (const part of detectors.flatMap(({ hooks, scorer }) => [...hooks, scorer])) {
    const { definition, place, fit } = part;
    try {
      if (fit !== undefined || stepsOf(part).every(({ set }) => set !== undefined)) continue;
      faults.add(
        'OOD_MISSING_FIT_SET',
        place,
        `${definition.name} learns from data, but the experiment has no fit set`,
        {
          fix: `Add "fit: ${suggestion}", or another in-distribution dataset.`,
        },
      );
    } catch (cause) {
      faults.add('OOD_PLUGIN_FAILED', place, `${definition.name} failed to declare what it learns: ${String(cause)}`, {
        fix: 'Correct its "fit", or change its parameters.',
        cause,
      });
    }
  }
}
