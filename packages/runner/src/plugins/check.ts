import { fileURLToPath } from 'node:url';
import { aboutSchema, didYouMean, type imageParameters, runFiles, z, type PluginDefinition } from '@farout/core';

/**
 * A plugin's functions and schemas may come from another realm or another copy of zod, so their shape is checked, not their class.
 */
const fn = () => z.custom<unknown>((value) => typeof value === 'function', 'must be a function');

const text = z.string('must be text').min(1, 'must not be empty');
const namedPart = { name: text, about: aboutSchema.optional() };
/** A single line for tables in terminals, like those of `about`. */
const line = aboutSchema.shape.summary.optional();
const metric = z.looseObject({
  ...namedPart,
  title: line,
  convention: line,
  note: line,
  better: z.enum(['higher', 'lower']),
  at95: z.enum(['id', 'ood']).optional(),
  byDefault: z.literal(true).optional(),
  dependsOnSizes: z.literal(true).optional(),
  interval: z.literal('delong').optional(),
  fast: z.literal(true).optional(),
  value: fn(),
});
const params = z.custom<unknown>(isObjectSchema, 'must be a schema made by z.object({ … })');
const part = { ...namedPart, params: params.optional() };
const partSections = z.array(z.looseObject({ of: z.enum(['part', 'detector']), title: text, blocks: fn() })).optional();
const learningPart = {
  ...part,
  presets: z.record(text, z.record(text, z.unknown())).optional(),
  fit: fn().optional(),
  readings: fn().optional(),
  readingsAfter: fn().optional(),
  draws: z.literal(true).optional(),
  sections: partSections,
};
/** A name that is valid on every file system and is not used by the run folder itself. */
const file = text
  .regex(/^[A-Za-z0-9][\w-]*(?:\.[A-Za-z0-9]+)+$/, 'must be a file name such as table.md')
  .refine(
    (name) => !Object.values<string>(runFiles).includes(name.toLowerCase()),
    'must not be the name of a file that every run folder has',
  );
const reporter = z.looseObject({ ...namedPart, file, render: fn() });

/** The part of an address before `://`. */
const scheme = text
  .regex(/^[a-z][a-z0-9+.-]+$/, 'must be the scheme of an address such as s3')
  .refine(
    (name) => !['http', 'https', 'file', 'data', 'node'].includes(name),
    'must be a scheme without another meaning',
  );

const published = z.strictObject({ parameter: text, manifest: text });
const backbone = z
  .looseObject({
    ...namedPart,
    params,
    open: fn(),
    over: z.literal('features').optional(),
    published: published.optional(),
  })
  .refine((given) => given.over ?? hasImageParameters(given), 'needs ...imageParameters among its params');
const hook = z
  .looseObject({
    ...learningPart,
    map: fn().optional(),
    features: fn().optional(),
    head: fn().optional(),
    logits: fn().optional(),
    first: z.literal(true).optional(),
  })
  .refine(
    (hook) => hook.map ?? hook.features ?? hook.head ?? hook.logits,
    'rewrites nothing: it needs map, features, head or logits',
  );
const scorer = z
  .looseObject({ ...learningPart, reads: z.array(text).optional(), score: fn().optional(), rows: fn().optional() })
  .refine((scorer) => !scorer.score !== !scorer.rows, 'needs either score or rows');

const pluginSchema = z.strictObject({
  name: text,
  backbones: z.array(backbone).optional(),
  hooks: z.array(hook).optional(),
  scorers: z.array(scorer).optional(),
  datasets: z.array(z.looseObject({ ...part, open: fn(), survey: fn().optional() })).optional(),
  metrics: z.array(metric).optional(),
  sections: z.array(z.looseObject({ ...namedPart, title: text, blocks: fn() })).optional(),
  reporters: z.array(reporter).optional(),
  storages: z.array(z.looseObject({ name: scheme, about: aboutSchema.optional(), open: fn() })).optional(),
  manifests: z.custom<unknown>(isFileUrl, 'must be the file: URL of a folder that comes with the plugin').optional(),
  services: z.custom<unknown>(isServices, 'must give a function for each token').optional(),
});

/**
 * What is wrong with a plugin's value, possibly made in plain JavaScript: one sentence each, without the plugin's
 * name. Empty if it keeps the contract.
 */
export function checkPlugin(plugin: PluginDefinition): string[] {
  const { error } = pluginSchema.safeParse(plugin);
  return (error?.issues ?? []).flatMap((issue) => {
    if (issue.code === 'unrecognized_keys') return issue.keys.map(unknownMember);
    return [`${whereIn(plugin, issue.path)} ${startLower(issue.message)}`.trim()];
  });
}

function unknownMember(member: string): string {
  const hint = didYouMean(member, Object.keys(pluginSchema.shape));
  return `has an unknown member "${member}"${hint ? `. ${hint}` : ''}`;
}

/** `scorers "margin" params`, or `scorers 0 name` for a part without a name. */
function whereIn(plugin: PluginDefinition, path: readonly PropertyKey[]): string {
  const [member, index, ...rest] = path;
  const parts: unknown = member === undefined ? undefined : Reflect.get(plugin, member);
  const named = Array.isArray(parts) ? (parts[index as number] as { name?: unknown } | undefined)?.name : undefined;
  const which = typeof named === 'string' && named !== '' ? `"${named}"` : index;
  return [member, which, ...rest].filter((step) => step !== undefined).join(' ');
}

const startLower = (sentence: string) => sentence.charAt(0).toLowerCase() + sentence.slice(1);

function isObjectSchema(value: unknown): boolean {
  const schema = value as { _zod?: { def?: { type?: unknown } }; strict?: unknown } | null | undefined;
  return schema?._zod?.def?.type === 'object' && typeof schema.strict === 'function';
}

/** The others are optional: a backbone without them gets their defaults. */
const needed = ['mean', 'std', 'resize', 'crop'] as const satisfies readonly (keyof typeof imageParameters)[];

function hasImageParameters({ params }: { params: unknown }): boolean {
  const { shape } = params as { shape: object };
  return needed.every((parameter) => Object.hasOwn(shape, parameter));
}

function isFileUrl(value: unknown): boolean {
  try {
    return typeof value === 'object' && fileURLToPath(value as URL) !== '';
  } catch {
    return false;
  }
}

function isServices(value: unknown): boolean {
  if (typeof value !== 'object' || value === null) return false;
  const services = value as Record<PropertyKey, unknown>;
  return Reflect.ownKeys(services).every((token) => typeof token === 'symbol' && typeof services[token] === 'function');
}
