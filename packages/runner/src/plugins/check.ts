import { aboutSchema, didYouMean, imageParameters, z, type PluginDefinition } from '@farout/core';

/** A plugin's functions and schemas may be made in another realm or by another copy of zod: shape counts, not class. */
const fn = () => z.custom<unknown>((value) => typeof value === 'function', 'must be a function');

const name = z.string('must be text').min(1, 'must not be empty');
const params = z.custom<unknown>(isObjectSchema, 'must be a schema made by z.object({ … })');
const about = aboutSchema.optional();
const part = { name, about, params, fit: fn().optional() };

const sweep = z
  .looseObject({
    parameter: name,
    values: z.array(z.number()).min(1, 'must not be empty'),
    set: fn().optional(),
    chosen: fn().optional(),
  })
  .optional();

const backbone = z
  .looseObject({ name, about, params, open: fn() })
  .refine(hasImageParameters, 'needs ...imageParameters among its params');
const hook = z
  .looseObject({ ...part, sweep, features: fn().optional(), head: fn().optional(), logits: fn().optional() })
  .refine((hook) => hook.features ?? hook.head ?? hook.logits, 'rewrites nothing: it needs features, head or logits');
const scorer = z
  .looseObject({ ...part, score: fn().optional(), scoreRows: fn().optional() })
  .refine((scorer) => !scorer.score !== !scorer.scoreRows, 'needs either score or scoreRows');

const pluginSchema = z.strictObject({
  name,
  backbones: z.array(backbone).optional(),
  hooks: z.array(hook).optional(),
  scorers: z.array(scorer).optional(),
  datasets: z.array(z.looseObject({ name, about, params, open: fn() })).optional(),
  metrics: z.array(z.looseObject({ name, about, better: z.enum(['higher', 'lower']), value: fn() })).optional(),
  sections: z.array(z.looseObject({ name, about, title: name, blocks: fn() })).optional(),
  services: z.custom<unknown>(isServices, 'must give a function for each token').optional(),
});

/**
 * What is wrong with a plugin's value, which plain JavaScript may have made: a sentence each, without the plugin's name.
 * Nothing when it keeps the contract.
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
  return `brings "${member}", which no plugin has${hint ? `. ${hint}` : ''}`;
}

/** `scorers "margin" params`, or `scorers 0 name` for a part that has none. */
function whereIn(plugin: PluginDefinition, path: readonly PropertyKey[]): string {
  const [member, index, ...rest] = path;
  const parts = (plugin as unknown as Record<string, unknown>)[String(member)];
  const named = Array.isArray(parts) ? (parts[index as number] as { name?: unknown } | undefined)?.name : undefined;
  const which = typeof named === 'string' && named !== '' ? `"${named}"` : index;
  return [member, which, ...rest].filter((step) => step !== undefined).join(' ');
}

const startLower = (sentence: string) => sentence.charAt(0).toLowerCase() + sentence.slice(1);

function isObjectSchema(value: unknown): boolean {
  const schema = value as { _zod?: { def?: { type?: unknown } }; strict?: unknown } | null | undefined;
  return schema?._zod?.def?.type === 'object' && typeof schema.strict === 'function';
}

function hasImageParameters({ params }: { params: unknown }): boolean {
  const { shape } = params as { shape: object };
  return Object.keys(imageParameters).every((parameter) => Object.hasOwn(shape, parameter));
}

function isServices(value: unknown): boolean {
  if (typeof value !== 'object' || value === null) return false;
  const services = value as Record<PropertyKey, unknown>;
  return Reflect.ownKeys(services).every((token) => typeof token === 'symbol' && typeof services[token] === 'function');
}
