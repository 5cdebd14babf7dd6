import type { Detector, Experiment, Part, Selection } from '../experiment.ts';
import { plainMetric } from './metrics.ts';
import { plainSweep } from './sweep.ts';

/**
 * A checked experiment as plain data, with the same keys as its YAML. It can be loaded again from any folder: every
 * detector is a list, every part has all its parameters, every path is absolute.
 */
export function plainExperiment(
  experiment: Omit<Experiment, 'file' | 'sections' | 'reporters' | 'services' | 'resolved'>,
  plugins: readonly string[],
) {
  const { name, seed, seeds = 1, device, backbone, datasets, id, fit, ood, detectors, metrics } = experiment;
  const { published, onUnreadable, store } = experiment;
  const { groups, select, allowOverlap, allowLargeReadings } = experiment;
  return {
    name,
    seed,
    ...(seeds > 1 && { seeds }),
    device,
    backbone: plainPart(backbone),
    datasets: Object.fromEntries([...datasets].map(([dataset, part]) => [dataset, plainPart(part)])),
    id: id.length === 1 ? id[0] : id,
    ...(fit !== undefined && { fit }),
    ood,
    ...(Object.keys(groups).length > 0 && { groups }),
    detectors: plainDetectors(detectors, select !== undefined),
    ...(select && { select: plainSelect(select) }),
    metrics: metrics.map(plainMetric),
    ...(Object.keys(published).length > 0 && { published }),
    plugins,
    ...(store !== undefined && { store }),
    onUnreadable,
    ...(allowOverlap && { allowOverlap }),
    ...(allowLargeReadings && { allowLargeReadings }),
  };
}

/** With `select`, a sweep stays one detector; without, each point becomes a detector. */
function plainDetectors(detectors: readonly Detector[], isChosen: boolean) {
  const called = ({ name, point }: Detector) => (isChosen ? (point?.of ?? name) : name);
  const names = [...new Set(detectors.map(called))];
  const pointsOf = (name: string) => detectors.filter((detector) => called(detector) === name);
  return Object.fromEntries(
    names.map((name) => {
      const points = pointsOf(name).map((each) => (isChosen ? each : withoutPoint(each)));
      return [name, plainSweep(points, plainPart)] as const;
    }),
  );
}

const withoutPoint = ({ name, hooks, scorer }: Detector): Detector => ({ name, hooks, scorer });

const plainSelect = ({ by, id, ood, show, allowTestSets }: Selection) => ({
  by: plainMetric(by),
  id: id.length === 1 ? id[0] : id,
  ood,
  show,
  ...(allowTestSets && { allowTestSets }),
});

const plainPart = ({ definition, params, split, fit }: Part<{ readonly name: string }>) => ({
  [definition.name]: { ...params, ...(split && { split }), ...(fit !== undefined && { fit }) },
});
