import { z } from 'zod';
import { schemeOf } from '../storages.ts';

export { z };

/** Describes a part; `farout explain` and editors show it. */
export interface About {
  /** One sentence, without the name. */
  readonly summary: string;
  /** The formula on one line, in the notation of its source. */
  readonly formula?: string;
  /** The paper or library that it comes from, with venue and year. */
  readonly source?: string;
  /** Other common names; experiments may use them, results use the part's own. */
  readonly aliases?: readonly string[];
  /** What a detector's part works from; lists are grouped by it. */
  readonly family?: Family;
  /** What it costs in time and memory, one sentence. */
  readonly cost?: string;
  /** Where the defaults of its parameters come from. */
  readonly defaults?: string;
  /** Set if it has not been compared with its authors' code: what it was compared with instead. */
  readonly unproven?: string;
}

/** What detectors work from. */
export const families = ['logits', 'features', 'distance', 'gradient', 'maps'] as const;
export type Family = (typeof families)[number];

/** Printed on terminals, where control characters could fake other lines. */
const line = z.string().regex(/^[^\p{Cc}\p{Zl}\p{Zp}]+$/u, 'must be a line of text');

/** The schema of a part's `about`. */
export const aboutSchema = z.strictObject({
  summary: line,
  formula: line.optional(),
  source: line.optional(),
  aliases: z.array(line).readonly().optional(),
  family: z.enum(families).optional(),
  cost: line.optional(),
  defaults: line.optional(),
  unproven: line.optional(),
});

/** The schema of a part's parameters: an object, so that keys can be completed and unknown ones rejected. */
export type ParametersSchema = z.ZodObject;

/** The schema of a part's parameters; the empty schema if it has none. */
export const schemaOf = ({ params }: { readonly params?: ParametersSchema }): ParametersSchema => params ?? none;

const none = z.object({});

/** Marks a string as the path of a file or a folder that must exist; relative ones are relative to the experiment. */
export interface PathMark {
  readonly path: 'file' | 'folder';
  /** For a folder: whether it may be an http or https URL instead, which is passed to the part unchanged. */
  readonly addresses?: boolean;
  /** Whether it may be the address of a plugin's storage, such as s3://, which is passed to the part unchanged: see `storageAt`. */
  readonly storages?: boolean;
}

/** Whether a text is an http or https URL. */
export const isAddress = (text: unknown): text is `http${string}` =>
  typeof text === 'string' && /^https?:\/\//i.test(text);

/**
 * A parameter that names an existing file. Relative paths are relative to the experiment's file. An http or https URL stands for the file
 * that `farout pull` has downloaded from there; the part receives that file's path.
 */
export const filePath = ({ storages = false }: Pick<PathMark, 'storages'> = {}) =>
  z
    .string()
    .min(1)
    .meta({ path: 'file', ...(storages && { storages }) } satisfies PathMark);

/** A parameter that names an existing folder. Relative paths are relative to the experiment's file. */
export const folderPath = ({ addresses = false, storages = false }: Omit<PathMark, 'path'> = {}) =>
  z
    .string()
    .min(1)
    .meta({ path: 'folder', ...(addresses && { addresses }), ...(storages && { storages }) } satisfies PathMark);

/** The same for the values of a record with arbitrary keys: `z.record(z.string(), filePath())`. */
export function pathMarkOfValues(schema: z.core.$ZodType): PathMark['path'] | undefined {
  const { def } = schema._zod as { def: { innerType?: z.core.$ZodType; valueType?: z.core.$ZodType } };
  if (def.valueType) return pathMark(def.valueType);
  return def.innerType && pathMarkOfValues(def.innerType);
}

/**
 * The path mark of a schema: that of `filePath()` or `folderPath()`, also inside `.optional()`, `.default()` or a union. Undefined for a
 * text that is one of the union's literals, or an address if the part accepts those.
 */
export function pathMark(schema: z.core.$ZodType, text?: unknown): PathMark['path'] | undefined {
  const { path: mark, addresses, storages } = z.globalRegistry.get(schema) ?? {};
  if (addresses === true && isAddress(text)) return undefined;
  if (storages === true && schemeOf(text) !== undefined) return undefined;
  if (mark === 'file' || mark === 'folder') return mark;
  const { def } = schema._zod as { def: { innerType?: z.core.$ZodType; options?: readonly z.core.$ZodType[] } };
  if (def.innerType) return pathMark(def.innerType, text);
  if (def.options?.some((option) => option instanceof z.ZodLiteral && option.values.has(text as string)))
    return undefined;
  return def.options?.map((option) => pathMark(option)).find((each) => each !== undefined);
}
