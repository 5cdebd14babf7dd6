import type { RunResults } from '@farout/core';
import { markBytes, type RunDetector } from '@farout/runner';
import { descriptionVersion, mostContents, quantilesOf } from '@farout/verdict';
import type { Compared } from './compare.ts';
import type { Exported, ExportRequest } from './export.ts';
import type { HalfWeights } from './half.ts';
import { photoInput } from './photo.ts';
import type { RunScores } from './run-scores.ts';
import type { Threshold } from './threshold.ts';

/** The input name of files for normalised images, as used by the Hugging Face libraries. */
export const floatInput = 'pixel_values';

/** The parts of a file. */
export interface Exporting extends Pick<RunScores, 'predicted'> {
  readonly opened: RunDetector;
  readonly request: ExportRequest;
  readonly half?: HalfWeights;
}

/** The file stores up to this many ID scores; for more, this many quantiles. */
const mostScores = 4096;

const inputNames = { pixels: 'pixels', float: floatInput, photo: photoInput };

/** The description inside a file. `compared`: its comparison with the run, if its scores are its own. */
export function describe(
  { opened, request, predicted, half }: Exporting,
  known: { readonly threshold: Threshold; readonly idScores: Float32Array; readonly compared?: Compared },
): Exported['description'] {
  const { results, experiment, hooks, scorer, seen, backbone } = opened;
  const { mean, std, resize, crop, interpolation = 'bilinear', sides = 'shorter' } = experiment.backbone.params;
  const labels = request.labels ?? results.classes;
  const { compared } = known;
  return {
    schemaVersion: descriptionVersion,
    detector: request.detector,
    parts: [...hooks.map(partOf('hook')), partOf('scorer')(scorer)],
    threshold: { ...known.threshold, rule: 'tpr' },
    predicted: Array.from({ length: backbone.classes }, (_, each) => predicted.get(each) ?? 0),
    idScores: quantilesOf(known.idScores, mostScores),
    ...(compared?.moved !== undefined && {
      ownScores: { moved: compared.moved, difference: compared.difference },
    }),
    ...(half && { half: { arrays: half.arrays.size, kept: half.kept } }),
    input: { kind: request.input, name: inputNames[request.input], size: crop },
    preprocessing: { resize, crop, interpolation, sides, mean: [...mean], std: [...std] },
    ...(labels && { labels: [...labels] }),
    ...learntFrom(seen),
    results: resultsOf(results, request.detector),
    hashes: hashesOf(opened),
    ...(opened.licence !== undefined && { licence: opened.licence }),
    versions: { ...results.versions },
  };
}

const partOf = (kind: 'hook' | 'scorer') => (part: RunDetector['hooks'][number] | RunDetector['scorer']) => ({
  kind,
  name: part.definition.name,
  params: part.params,
  learnt: Object.fromEntries(
    Object.entries(part.learnt).map(([name, { data, shape }]) => [
      name,
      shape.length === 0 ? Number(data[0]) : { shape: [...shape] },
    ]),
  ),
});

const learntFrom = (seen: Uint8Array | undefined) =>
  seen && seen.length <= mostContents * markBytes && { learntFrom: { contents: Buffer.from(seen).toString('base64') } };

const resultsOf = ({ results }: RunResults, detector: string): Exported['description']['results'] =>
  results
    .filter((each) => each.detector === detector)
    .map(({ ood, metric, value, interval }) => ({
      ood,
      metric,
      value,
      ...(interval && { interval: { ...interval } }),
    }));

function hashesOf({ results, experiment }: RunDetector): Exported['description']['hashes'] {
  const { backbone, head } = results.hashes;
  return {
    backbone,
    ...(head !== undefined && { head }),
    id: Object.fromEntries(experiment.id.map((name) => [name, results.datasets[name]!.fingerprint])),
  };
}
