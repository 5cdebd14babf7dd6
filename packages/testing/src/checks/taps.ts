import assert from 'node:assert/strict';
import { FaroutError, type Backbone, type Taps } from '@farout/core';
import { writeOnnx } from '@farout/onnx';
import { openSession } from '@farout/runtime';
import type { Tensor } from '@farout/tensor';
import { assertClose } from '../assertions.ts';
import { imageInput, networkRounding, openNetwork, type BackboneSubject } from '../backbone-subject.ts';
import { computed } from '../network.ts';
import { generatedImages, imageAt } from '../sample.ts';
import type { Check } from '../test-runner.ts';

/** Detectors read maps by name: they fail if a name changes or is missing. */
export const tapsNamed: Check<BackboneSubject> = {
  title: 'offers the taps and convolutions that its case lists',
  run: async (subject) => {
    const { taps, convolutions, lastTap } = await openNetwork(subject);
    const image = imageInput(subject);
    const names = [...(taps?.(image).keys() ?? [])];
    assert.deepEqual(names, subject.taps, 'the names of the taps');
    const last = lastTap === false ? undefined : lastTap;
    assert.ok(last === undefined || names.includes(last), `the last tap, "${last!}", is none of them`);
    assert.equal(convolutions?.(image).size ?? 0, subject.convolutions, 'the number of convolutions');
  },
};

const offersTaps = ({ taps }: BackboneSubject) => taps.length > 0 || 'it offers no taps';
const offersConvolutions = ({ convolutions }: BackboneSubject) => convolutions > 0 || 'it offers no convolutions';

/** What a detector reads from a map is stored per image. */
export const tapMaps: Check<BackboneSubject> = {
  title: 'gives taps in float32, images along the first axis, the same for a batch as for its images one by one',
  applies: offersTaps,
  run: async (subject) => {
    const { taps } = await openNetwork(subject);
    await assertMaps(subject, taps!(imageInput(subject)));
  },
};

/** They are not folded with their normalisation, and cost nothing unless they are read. */
export const convolutionMaps: Check<BackboneSubject> = {
  title:
    'gives convolutions in float32, images along the first axis, the same for a batch as for its images one by one',
  applies: offersConvolutions,
  run: async (subject) => {
    const { convolutions } = await openNetwork(subject);
    await assertMaps(subject, convolutions!(imageInput(subject)));
  },
};

async function assertMaps(subject: BackboneSubject, maps: Taps): Promise<void> {
  for (const [name, { dtype, shape }] of maps) {
    assert.deepEqual(
      { dtype, images: shape[0] },
      { dtype: 'float32', images: 'N' },
      `"${name}" is (${shape.join(', ')})`,
    );
  }
  const session = await openSession(writeOnnx(numbered(maps)), { threads: 1 });
  try {
    const images = generatedImages(3, subject.params.crop);
    const together = await session.run({ image: images });
    for (let n = 0; n < 3; n++) {
      const alone = await session.run({ image: imageAt(images, n) });
      [...maps.keys()].forEach((name, index) => {
        const { data } = imageAt(together[index]!, n);
        assert.ok(data.every(Number.isFinite), `"${name}" of image ${n} is not finite`);
        assertClose(data, alone[index]!.data, `"${name}" of image ${n} in its batch and alone`, networkRounding);
      });
    }
  } finally {
    await session.release();
  }
}

/** Maps as outputs of a graph, numbered, because their names may not be valid names of graph values. */
const numbered = (maps: Taps): Record<string, Tensor> =>
  Object.fromEntries([...maps.values()].map((map, index) => [String(index), map]));

/** A detector that changes a map continues from it: the unchanged map must lead to the features. */
export const tapsLeadOn: Check<BackboneSubject> = {
  title: 'continues from every tap to its features, or fails with an error',
  applies: offersTaps,
  run: async (subject) => {
    const { features, taps, from } = await openNetwork(subject);
    assert.ok(from, 'it has taps, and no "from" that goes on from them');
    const image = imageInput(subject);
    const maps = taps!(image);
    const ends = new Map([...maps].flatMap(([name, map]) => endOf(from, name, map)));
    const found = await computed(
      { features: features(image), ...numbered(ends) },
      { image: generatedImages(2, subject.params.crop) },
    );
    for (const [index, name] of [...ends.keys()].entries()) {
      assertClose(found[index]!.data, found.features!.data, `features from "${name}"`, networkRounding);
    }
  },
};

/** A map that is not the only path to the features cannot be continued from. */
function endOf(from: NonNullable<Backbone['from']>, name: string, map: Tensor): [string, Tensor][] {
  try {
    return [[name, from(name, map)]];
  } catch (error) {
    if (error instanceof FaroutError) return [];
    throw error;
  }
}

/** The clauses about intermediate maps. */
export const tapChecks: readonly Check<BackboneSubject>[] = [tapsNamed, tapMaps, tapsLeadOn, convolutionMaps];
