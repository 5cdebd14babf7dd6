import type { Experiment, Part } from '../experiment.ts';

/**
 * A checked experiment as plain data, with the keys of the YAML: it is an experiment again, whatever folder it lies in.
 * Every detector is a list, every part has all its parameters, every path is absolute.
 */
export function resolvedExperiment(
  experiment: Omit<Experiment, 'file' | 'sections' | 'services' | 'resolved'>,
  plugins: readonly string[],
) {
  const { name, seed, device, backbone, datasets, id, fit, ood, detectors, metrics, published, onUnreadable, store } =
    experiment;
  const { allowOverlap } = experiment;
  return {
    name,
    seed,
    device,
    backbone: plainPart(backbone),
    datasets: Object.fromEntries([...datasets].map(([dataset, part]) => [dataset, plainPart(part)])),
    id,
    ...(fit !== undefined && { fit }),
    ood,
    detectors: Object.fromEntries(
      detectors.map((detector) => [detector.name, [...detector.hooks, detector.scorer].map(plainPart)]),
    ),
    metrics: metrics.map((metric) => metric.name),
    ...(Object.keys(published).length > 0 && { published }),
    plugins,
    ...(store !== undefined && { store }),
    onUnreadable,
    ...(allowOverlap && { allowOverlap }),
  };
}

const plainPart = ({ definition, params, split }: Part<{ readonly name: string }>) => ({
  [definition.name]: { ...params, ...(split && { split }) },
});
