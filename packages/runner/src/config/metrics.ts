import type { SourcePlace } from '@farout/core';
import { atRatio, nameAtRatio } from '../at-ratio.ts';
import type { MeasuredMetric } from '../experiment.ts';
import { checkDuplicates } from './faults.ts';
import { nodeAt, readPart, type ConfigNode, type WrittenPart } from './node.ts';
import { checkParameters } from './parameters.ts';
import { findPart, type PartContext } from './parts.ts';
import { metricParameters } from './schema.ts';

/** The default metrics, for an experiment that lists none. Faults in them are reported at the experiment's place. */
interface DefaultMetrics {
  readonly names: readonly string[];
  readonly place: SourcePlace;
}

/** The metrics that an experiment lists, in its order. Unknown names are recorded as faults. */
export async function resolveMetrics(
  list: ConfigNode | undefined,
  { names, place }: DefaultMetrics,
  context: PartContext,
): Promise<MeasuredMetric[]> {
  checkDuplicates(list, context.faults);
  if (!list && names.length === 0) {
    context.faults.add('OOD_CONFIG_TYPE', place, 'the experiment has no "metrics"', {
      fix: 'Add it: no loaded plugin provides default metrics.',
    });
  }
  const asDefault = (name: string): WrittenPart => ({ name, place, params: undefined });
  const written = list?.kind === 'list' ? list.items.map(readPart) : names.map(asDefault);
  const found = new Map<string, MeasuredMetric>();
  for (const part of written.filter((each) => each !== undefined)) {
    const metric = await resolveMetric(part, context);
    if (metric && part.params && found.has(metric.name)) {
      const message = `"${metric.name}" is listed twice`;
      context.faults.add('OOD_DUPLICATE_NAME', part.place, message, { fix: 'Remove one.' });
    }
    if (metric) found.set(metric.name, metric);
  }
  return [...found.values()];
}

/** One metric, with or without parameters. Undefined if it has a fault, which is recorded. */
export async function resolveMetric(part: WrittenPart, context: PartContext): Promise<MeasuredMetric | undefined> {
  const entry = findPart('metric', part, context);
  const params = entry && (await checkParameters(metricParameters, part, context.faults));
  if (!entry || !params) return undefined;
  const { definition } = entry;
  const ratio = params.ratio as number | undefined;
  if (ratio === undefined) return definition;
  if (definition.dependsOnSizes) return atRatio(definition, ratio);
  const place = part.params!.entries.get('ratio')!.keyPlace;
  context.faults.add('OOD_BAD_PARAMETER', place, `${definition.name} does not depend on the sizes of the sets`, {
    fix: `Write only "${part.name}". If a metric of a plugin does depend on them, its definition needs dependsOnSizes: true.`,
  });
  return undefined;
}

/** The result names of the metrics in a list. Undefined if one of them cannot be determined, which is already reported. */
export function namesOfMetrics(list: ConfigNode): readonly string[] | undefined {
  const parts = list.kind === 'list' ? list.items.map(readPart) : [];
  const names = parts.flatMap((part) => {
    if (!part) return [];
    const ratio = part.params && nodeAt(part.params, ['ratio']);
    if (!ratio) return [part.name];
    return ratio.kind === 'scalar' && typeof ratio.value === 'number' ? [nameAtRatio(part.name, ratio.value)] : [];
  });
  return names.length > 0 && names.length === parts.length ? names : undefined;
}

/** A metric as an experiment lists it. */
export const plainMetric = ({ name, ratio }: MeasuredMetric) => (ratio ? { [ratio.of]: { ratio: ratio.value } } : name);
