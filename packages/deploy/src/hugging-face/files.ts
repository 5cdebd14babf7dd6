import type { Exported } from '../export.ts';
import type { Description } from '@farout/verdict';
import { modelCard } from './model-card.ts';

/** A file of a folder: its path there, with `/`, and what is in it. */
export interface FolderFile {
  readonly path: string;
  readonly content: string | Uint8Array;
}

/**
 * The files of a model as Hugging Face's hub and its libraries expect them: `config.json` with the classes, `preprocessor_config.json`, the model
 * as `onnx/model.onnx`, or `onnx/model_fp16.onnx` where its weights are in half precision, and a model card, `README.md`.
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

/** Classes without a name have the one that Hugging Face's libraries give them. */
function configOf({ labels, predicted = [], detector, threshold }: Description) {
  const names = Array.from(
    { length: Math.max(labels?.length ?? 0, predicted.length) },
    (_, each) => labels?.[each] ?? `LABEL_${each}`,
  );
  return {
    // No architecture of theirs: their libraries take the file as it is.
    model_type: 'farout',
    id2label: Object.fromEntries(names.entries()),
    // The last of equal names wins there too.
    label2id: Object.fromEntries(names.map((name, each) => [name, each])),
    farout: { detector, threshold: threshold.value, tpr: threshold.tpr },
  };
}

/** Their name for what resizes the shorter side, cuts the middle and normalises. */
const processor = 'CLIPImageProcessor';
/** Pillow's numbers of its filters. */
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
