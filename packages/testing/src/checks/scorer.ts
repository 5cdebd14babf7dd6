import { assertClose } from '../assert-close.ts';
import { generatedSample } from '../generated.ts';
import { imagesOf, networkTensors } from '../network.ts';
import { learn } from '../parameters.ts';
import { runFile } from '../run-file.ts';
import type { Sample } from '../sample.ts';
import type { ScorerSubject } from '../scorer-subject.ts';
import { storedNetwork } from '../stored-network.ts';
import type { Check } from './check.ts';

/**
 * A run scores stored features: there is no way back from them to the image. Only a scorer that asks for the image is
 * traced over images. Either graph may lie in a file that something else than farout runs.
 */
export const scoresFromFile: Check<ScorerSubject> = {
  title: 'scores the same from a file over stored features, or over images if it reads them, run by onnxruntime alone',
  run: async (subject) => {
    const sample = generatedSample();
    const learnt = await learn(subject, sample);
    const inFile = subject.trace && runTraced(subject.trace, sample, learnt);
    if (inFile) assertClose((await inFile).data, (await subject.compute(sample, learnt)).data, 'scores of the file');
  },
};

function runTraced(trace: NonNullable<ScorerSubject['trace']>, sample: Sample, learnt: Parameters<typeof trace>[1]) {
  const stored = storedNetwork(sample);
  const score = trace(stored, learnt);
  if (!stored.readsImages()) return runFile(score, { features: sample.features });
  return runFile(trace(networkTensors(sample), learnt), { image: imagesOf(sample) });
}
