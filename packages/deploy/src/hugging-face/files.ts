import type { Exported } from '../export.ts';
import type { Description } from '@farout/verdict';
import { modelCard } from './model-card.ts';

/** A file of a folder: its relative path, with `/`, and its content. */
export interface FolderFile {
  readonly path: string;
  readonly content: string | Uint8Array;
}

/**
 * The files of a model as expected by the Hugging Face hub and libraries: `config.json` with the classes, `preprocessor_config.json`, the model
 * as `onnx/model.onnx`, or `onnx/model_fp16.onnx` with half-precision weights, and a model card, `README.md`.
 *
 * @param exported - A file that takes normalised images.
 */
export function huggingFaceFiles({
  bytes,
  description,
}: Pick<Exported, 'bytes' | 'description'>): readonly FolderFile[] {
  const file = description.half ? 'onnx/model_fp16.onnx' : 'onnx/model.onnx';
  return [
    { path: 'README.md', content: modelCard(description, file) },
    { path: 'config.json', content: jsonFile(configOf(description)) },
    { path: file, content: bytes },
    { path: 'preprocessor_config.json', content: jsonFile(preprocessorOf(description)) },
  ];
}

const jsonFile = (value: unknown) => `${JSON.stringify(value, null, 2)}\n`;

/** Classes without a name get the default name of the Hugging Face libraries. */
function configOf({ labels, predicted = [], detector, threshold }: Description) {
  const names = Array.from(
    { length: Math.max(labels?.length ?? 0, predicted.length) },
    (_, each) => labels?.[each] ?? `LABEL_${each}`,
  );
  return {
    // Not one of their architectures: their libraries use the file unchanged.
    model_type: 'farout',
    id2label: Object.fromEntries(names.entries()),
    // The last of equal names wins, as in their libraries.
    label2id: Object.fromEntries(names.map((name, each) => [name, each])),
    farout: { detector, threshold: threshold.value, tpr: threshold.tpr },
  };
}

/** Their processor that resizes the shorter side, crops the centre and normalises. */
const processor = 'CLIPImageProcessor';
/** Pillow's filter numbers. */
const filters = { bilinear: 2, bicubic: 3 };

function preprocessorOf({ preprocessing: { resize, crop, interpolation, sides, mean, std } }: Description) {
  return {
    image_processor_type: processor,
    do_convert_rgb: true,
    do_resize: true,
    size: sides === 'both' ? { height: resize, width: resize } : { shortest_edge: resize },
    resample: filters[interpolation],
    do_center_crop: true,
    crop_size: { height: crop, width: crop },
    do_rescale: true,
    rescale_factor: 1 / 255,
    do_normalize: true,
    image_mean: mean,
    image_std: std,
  };
}
