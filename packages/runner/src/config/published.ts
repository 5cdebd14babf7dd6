import {
  checksumInWords,
  comesFrom,
  givenBy,
  readManifest,
  sizeInWords,
  termsOf,
  type Manifest,
} from '@farout/acquire/manifests';
import type { BackboneDefinition, PublishedWeights } from '@farout/core';
import type { Catalogue, Definitions } from '../plugins/catalogue.ts';
import type { Faults } from './faults.ts';
import type { ScalarNode, WrittenPart } from './node.ts';
import type { ParametricKind } from './reserved.ts';

/** Context for looking up manifests and recording faults. */
interface ManifestContext {
  readonly catalogue: Catalogue;
  readonly faults: Faults;
}

/**
 * For a backbone with published weights and no file named in the experiment: the part with that file filled in.
 * Undefined if the manifest of the weights is invalid, which is recorded.
 */
export async function takePublished(
  definition: Definitions[ParametricKind],
  part: WrittenPart,
  context: ManifestContext,
): Promise<{ part: WrittenPart; weights?: PublishedWeights; published?: Manifest } | undefined> {
  const { published: weights } = definition as Partial<BackboneDefinition>;
  if (!weights) return { part };
  if (part.params?.entries.has(weights.parameter)) return { part, weights };
  const published = await manifestOf(weights, part, context);
  return published && { part: withFile(part, weights, published), weights, published };
}

function withFile(part: WrittenPart, { parameter }: PublishedWeights, manifest: Manifest): WrittenPart {
  const { name, place, params } = part;
  const { folder, source } = manifest;
  const value = givenBy(manifest, source.files[0]!);
  const node: ScalarNode = { kind: 'scalar', value, place, folder, incomplete: false };
  const entries = new Map([...(params?.entries ?? []), [parameter, { keyPlace: place, value: node }]]);
  return { name, place, params: { kind: 'map', place, folder, ...params, entries } };
}

/** The manifest that a backbone names. Undefined if no plugin provides it or it is malformed; either is recorded. */
export async function manifestOf(
  { manifest: name }: PublishedWeights,
  { name: backbone, place }: WrittenPart,
  { catalogue, faults }: ManifestContext,
): Promise<Manifest | undefined> {
  try {
    const brought = catalogue.manifests.get(name);
    const manifest = brought && (await readManifest(brought));
    if (manifest) return manifest;
    faults.add(
      'OOD_PLUGIN_INVALID',
      place,
      `no plugin provides the manifest "${name}" for the weights of ${backbone}`,
      {
        fix: `Put models/${name}.yaml into the folder named by the plugin's "manifests".`,
      },
    );
  } catch (error) {
    faults.note(error);
  }
  return undefined;
}

/** Where to get weights, how large they are, and their licence terms. */
export function whereToGet({ source }: Manifest): string {
  const [file] = source.files as [Manifest['source']['files'][number]];
  const facts = [file.size === undefined ? undefined : sizeInWords(file.size), checksumInWords(file)];
  const known = facts.filter((fact) => fact !== undefined).join('; ');
  return `${file.path}${known === '' ? '' : ` (${known})`} from ${comesFrom(source, file)}, under ${termsOf(source)}`;
}
