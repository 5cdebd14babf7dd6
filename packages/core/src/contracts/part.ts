import { z } from 'zod';

export { z };

/** The schema of a part's parameters: an object, so that every key can be named, completed and refused. */
export type ParametersSchema = z.ZodObject;

/** Marks a string as the path of a file or a folder that must exist; relative ones are relative to the experiment. */
export interface PathMark {
  readonly path: 'file' | 'folder';
}

/** A parameter that names an existing file. Relative paths are relative to the experiment's file. */
export const filePath = () =>
  z
    .string()
    .min(1)
    .meta({ path: 'file' } satisfies PathMark);

/** A parameter that names an existing folder. Relative paths are relative to the experiment's file. */
export const folderPath = () =>
  z
    .string()
    .min(1)
    .meta({ path: 'folder' } satisfies PathMark);

/** What a schema says about paths: the mark of `filePath()` or `folderPath()`, also below `.optional()` or `.default()`. */
export function pathMark(schema: z.core.$ZodType): PathMark['path'] | undefined {
  const mark = z.globalRegistry.get(schema)?.path;
  if (mark === 'file' || mark === 'folder') return mark;
  const { def } = schema._zod as { def: { innerType?: z.core.$ZodType } };
  return def.innerType && pathMark(def.innerType);
}

/** Three numbers of pixels in 0..1, in which no mean and no deviation is above 1. */
const rgb = (number: () => z.ZodNumber) => z.tuple([number(), number(), number()]);

/**
 * The parameters that every backbone has: how an image becomes its input. Defaults are torchvision's for ImageNet.
 * Spread it into the backbone's own: `z.object({ weights: filePath(), ...imageParameters })`.
 */
export const imageParameters = {
  mean: rgb(() => z.number().min(0).max(1))
    .default([0.485, 0.456, 0.406])
    .describe('mean of each colour channel, of pixels in 0..1; one of pixels in 0..255 is divided by 255'),
  std: rgb(() => z.number().positive().max(1))
    .default([0.229, 0.224, 0.225])
    .describe(
      'standard deviation of each colour channel, of pixels in 0..1; one of pixels in 0..255 is divided by 255',
    ),
  resize: z.int().min(1).max(4096).default(256).describe('length of the shorter side after resizing, in pixels'),
  crop: z.int().min(1).max(4096).default(224).describe('side of the square cut from the centre, in pixels'),
};

/** How an image becomes the input of a backbone: resized, cropped, (pixel / 255 − mean) / std. */
export type ImageRecipe = z.output<z.ZodObject<typeof imageParameters>>;
