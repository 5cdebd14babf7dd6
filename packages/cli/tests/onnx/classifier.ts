import path from 'node:path';
import { onnx } from '@farout/backbones';
import { readNpy } from '@farout/checkpoints';
import { traceHooks } from '@farout/core';
import { openOnnx } from '@farout/runner';
import { openSession } from '@farout/runtime';
import { writeOnnx } from '@farout/onnx';
import { firstLargest, grad, input, type NDArray } from '@farout/tensor';

/** Side of the images that the exported classifiers take. */
const side = 32;
/** ODIN's temperature. */
const temperature = 1000;

/** A classifier that export_classifiers.py has written, with what PyTorch makes of the images. */
export interface Exported {
  readonly file: string;
  readonly images: NDArray;
  readonly logits: NDArray;
  readonly gradient: NDArray;
}

/** Reads a classifier's files. */
export async function readExported(folder: string, name: string): Promise<Exported> {
  const npy = (what: string) => readNpy(path.join(folder, `${what}.npy`));
  const [images, logits, gradient] = await Promise.all([npy('images'), npy(`${name}.logits`), npy(`${name}.gradient`)]);
  return { file: path.join(folder, `${name}.onnx`), images, logits, gradient };
}

/** What farout makes of the images: logits, and the gradient of ODIN's loss, summed over the images. */
export async function computeHere({
  file,
  images,
}: Exported): Promise<{ logits: Float32Array; gradient: Float32Array }> {
  const params = onnx.params.parse({ weights: file, resize: side, crop: side });
  const { features, head } = await onnx.open(params, {
    onnx: openOnnx,
    stateDict: () => Promise.reject(new Error('it is no checkpoint')),
  });
  const image = input('image', ['N', 3, side, side]);
  const { logits } = traceHooks({ features: features(image), head }, []);
  const scaled = logits.div(temperature);
  const loss = scaled.logSumExp().sub(firstLargest(logits).where(scaled, 0).sum()).sum();
  const session = await openSession(writeOnnx({ logits, gradient: grad(loss, image) }), { threads: 1 });
  const found = await session.run({ image: images });
  await session.release();
  return { logits: found.logits!.data as Float32Array, gradient: found.gradient!.data as Float32Array };
}

/** The file as it is, run by onnxruntime alone, one image at a time. */
export interface BareFile {
  /** What it gives for a batch of images: logits, or probabilities where the file ends in them. */
  readonly run: (images: NDArray) => Promise<Float32Array>;
  readonly release: () => Promise<void>;
}

/** Opens a file without reading it here. */
export async function openBare({ file }: Exported, channelsLast: boolean): Promise<BareFile> {
  const session = await openSession(file, { threads: 1 });
  const run = async ({ data, shape: [count] }: NDArray) => {
    const size = data.length / count!;
    const rows: number[] = [];
    for (let i = 0; i < count!; i++) {
      const image = (data as Float32Array).slice(i * size, (i + 1) * size);
      const given = channelsLast
        ? { data: interleaved(image), shape: [1, side, side, 3] }
        : { data: image, shape: [1, 3, side, side] };
      const { result } = await session.run({ image: given });
      rows.push(...(result!.data as Float32Array));
    }
    return Float32Array.from(rows);
  };
  return { run, release: session.release };
}

/** Colours as the last axis. */
function interleaved(planes: Float32Array): Float32Array {
  const pixels = side * side;
  return planes.map((_, i) => planes[(i % 3) * pixels + Math.floor(i / 3)]!);
}
