import { assertClose } from '../assert-close.ts';
import { generatedSample } from '../generated.ts';
import type { HookSubject } from '../hook-subject.ts';
import { learn } from '../parameters.ts';
import { runFile } from '../run-file.ts';
import { storedNetwork } from '../stored-network.ts';
import type { Check } from './check.ts';

/** A run hooks into stored features: nothing of the network before them is there to look at. */
export const hooksFromFile: Check<HookSubject> = {
  title: 'gives the same logits from a file over stored features that onnxruntime runs alone',
  run: async (subject) => {
    const sample = generatedSample();
    const learnt = await learn(subject, sample);
    const { logits } = subject.trace(storedNetwork(sample), learnt);
    const found = await runFile(logits, { features: sample.features });
    assertClose(found.data, (await subject.compute(sample, learnt)).data, 'logits of the file');
  },
};
