import { readFileSync } from 'node:fs';
import path from 'node:path';
import type { RunResults } from '@farout/core';
import { farout } from '../farout-process.ts';
import { atMost, type Check } from './check.ts';
import type { Workplace } from './end-to-end.ts';
import { reference, type Model } from './models.ts';

const columns = { ODIN: 'odin', 'ReAct + ODIN': 'react-p90+odin' };
const sets = ['textures', 'sun', 'flowers'];
/** One image of an OOD set of 80, in points. */
const oneImage = 100 / 80;

/** ODIN alone and with ReAct, with the reference's magnitudes, on the images scored by the reference. */
export async function odin(model: Model, { data, folder }: Workplace): Promise<Check[]> {
  const expected = reference(data, model);
  const backbone = {
    [model.name]: { weights: path.join(data, 'models', model.weights), mean: model.mean, std: model.std },
  };
  const { magnitude, magnitude_with_react: underReact } = expected.odin;
  const out = path.join(folder, 'odin');
  const finished = await farout(
    [
      ...['run', 'tools/fidelity/odin.yaml', '--out', out, '--set', `store=${folder}/store`],
      ...['--set', `backbone=${JSON.stringify(backbone)}`],
      ...['--set', `detectors.ODIN.odin.magnitude=${magnitude}`],
      ...['--set', `detectors."ReAct + ODIN".1.odin.magnitude=${underReact}`],
    ],
    { env: { FAROUT_DATA: data } },
  );
  if (finished.code !== 0) throw new Error(finished.stderr);
  const { results } = JSON.parse(readFileSync(path.join(out, 'results.json'), 'utf8')) as RunResults;
  const worst = { auroc: 0, fpr95: 0 };
  for (const [detector, column] of Object.entries(columns)) {
    for (const ood of sets) {
      const { AUROC, FPR } = expected.metrics[column]![ood]!.react_code;
      const found = (metric: string) =>
        results.find((each) => each.detector === detector && each.ood === ood && each.metric === metric)!.value;
      worst.auroc = Math.max(worst.auroc, 100 * Math.abs(found('auroc') - AUROC));
      worst.fpr95 = Math.max(worst.fpr95, 100 * Math.abs(found('fpr95') - FPR));
    }
  }
  return [
    atMost(`${model.name}: AUROC of ODIN and ReAct + ODIN end to end, points`, worst.auroc, 0.1),
    atMost(
      `${model.name}: FPR95 of ODIN and ReAct + ODIN end to end, points (one image: ${oneImage})`,
      worst.fpr95,
      oneImage,
    ),
  ];
}
