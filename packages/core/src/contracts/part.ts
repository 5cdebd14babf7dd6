import { z } from 'zod';
import { schemeOf } from '../storages.ts';

export { z };

/** What a part is, for those who meet its name in a list: `farout explain` and the editor show it. */
export interface About {
  /** One sentence, without the name. */
  readonly summary: string;
  /** The formula on a line, in the letters of its source. */
  readonly formula?: string;
  /** The paper or library that it is from, with place and year. */
  readonly source?: string;
  /** Other names that the field has for it: an experiment may write them, results have the part's own. */
  readonly aliases?: readonly string[];
  /** What a detector's part looks at; lists are grouped by it. */
  readonly family?: Family;
  /** What it costs in time and memory, one sentence. */
  readonly cost?: string;
  /** Where the defaults of its parameters are from. */
  readonly defaults?: string;
  /** That it has not been held to its authors' code, and what it is held to instead; absent where it has. */
  readonly unproven?: string;
}

/** What detectors look at. */
export const families = ['logits', 'features', 'distance', 'gradient', 'maps'] as const;
export type Family = (typeof families)[number];

/** It is printed on terminals, where control characters could imitate other lines. */
const line = z.string().regex(/^[^\p{Cc}\p{Zl}\p{Zp}]+$/u, 'must be a line of text');

/** What `about` of a part must be. */
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

/** The schema of a part's parameters: an object, so that every key can be named, completed and refused. */
export type ParametersSchema = z.ZodObject;

/** The schema of a part's parameters; that of none where the part has none. */
export const schemaOf = ({ params }: { readonly params?: ParametersSchema }): ParametersSchema => params ?? none;

const none = z.object({});

/** Marks a string as the path of a file or a folder that must exist; relative ones are relative to the experiment. */
export interface PathMark {
  readonly path: 'file' | 'folder';
  /** Of a folder: that it may be an http or https address instead, which the part is given as it is. */
  readonly addresses?: boolean;
  /** That it may be an address of a storage that a plugin brings, such as s3://, which the part is given as it is: see `storageAt`. */
  readonly storages?: boolean;
}

/** Whether a text is an http or https address. */
export const isAddress = (text: unknown): text is `http${string}` =>
  typeof text === 'string' && /^https?:\/\//i.test(text);

/**
 * A parameter that names an existing file. Relative paths are relative to the experiment's file. An http or https address stands for the file that
 * `farout pull` has loaded from there, whose path the part is given.
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

/** The same of the values of a record: `z.record(z.string(), filePath())`, each by a name of its own. */
export function pathMarkOfValues(schema: z.core.$ZodType): PathMark['path'] | undefined {
  const { def } = schema._zod as { def: { innerType?: z.core.$ZodType; valueType?: z.core.$ZodType } };
  if (def.valueType) return pathMark(def.valueType);
  return def.innerType && pathMarkOfValues(def.innerType);
}

/**
 * What a schema says about paths: the mark of `filePath()` or `folderPath()`, also below `.optional()` or `.default()`, and as one of several
 * in a union; of a text that is one of the union's literals, or an address where the part takes such ones, nothing.
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
