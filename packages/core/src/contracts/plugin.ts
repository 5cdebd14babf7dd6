import type { BackboneDefinition } from './backbone.ts';
import type { DatasetDefinition } from './dataset.ts';
import type { HookDefinition, ScorerDefinition } from './detector.ts';
import type { MetricDefinition } from './evaluation.ts';
import type { Reporter } from '../results.ts';
import type { ReportSectionDefinition } from './report.ts';
import type { StorageDefinition } from './storage.ts';

/**
 * A plain value that provides backbones, hooks, scorers, datasets, metrics, report sections, reporters, storages, manifests or services;
 * omit what it does not provide.
 */
export interface PluginDefinition {
  /** Its name in messages. */
  readonly name: string;
  readonly backbones?: readonly BackboneDefinition[];
  readonly hooks?: readonly HookDefinition[];
  readonly scorers?: readonly ScorerDefinition[];
  readonly datasets?: readonly DatasetDefinition[];
  readonly metrics?: readonly MetricDefinition[];
  readonly sections?: readonly ReportSectionDefinition[];
  readonly reporters?: readonly Reporter[];
  readonly storages?: readonly StorageDefinition[];
  /**
   * A folder in the plugin's package, `new URL('..', import.meta.url)`. Its subfolders `datasets` and `models` contain manifests,
   * `<name>.yaml`, like the folders next to experiments. Their files are downloaded to farout's cache folder.
   */
  readonly manifests?: URL;
  /** Replacements of the runner's services, by token (see `tokens`). */
  readonly services?: Readonly<Record<symbol, () => unknown>>;
}

/** How the host recognises a value made by `definePlugin`, even by another copy of this file. */
export const pluginMark: unique symbol = Symbol.for('farout.plugin') as never;

/** Marks a plain value as a plugin. See `PluginDefinition`. */
export const definePlugin = (definition: PluginDefinition): PluginDefinition =>
  Object.freeze({ ...definition, [pluginMark]: true });
