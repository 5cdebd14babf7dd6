import type { BackboneDefinition } from './backbone.ts';
import type { DatasetDefinition } from './dataset.ts';
import type { HookDefinition, ScorerDefinition } from './detector.ts';
import type { MetricDefinition } from './evaluation.ts';
import type { Reporter } from '../results.ts';
import type { ReportSectionDefinition } from './report.ts';
import type { StorageDefinition } from './storage.ts';

/**
 * A plain value that brings backbones, hooks, scorers, datasets, metrics, sections of the report, reporters, storages,
 * manifests or services; only what it brings is named.
 */
export interface PluginDefinition {
  /** What messages call it. */
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
   * A folder that comes with the plugin, `new URL('..', import.meta.url)`: its subfolders `datasets` and `models` hold manifests, `<name>.yaml`, as
   * those beside experiments do. What they name is kept in farout's cache folder.
   */
  readonly manifests?: URL;
  /** Replacements of the runner's services, by token (see `tokens`). */
  readonly services?: Readonly<Record<symbol, () => unknown>>;
}

/** How the host knows a value that `definePlugin` made, also one made by another copy of this file. */
export const pluginMark: unique symbol = Symbol.for('farout.plugin') as never;

/** Marks a plain value as a plugin. See `PluginDefinition`. */
export const definePlugin = (definition: PluginDefinition): PluginDefinition =>
  Object.freeze({ ...definition, [pluginMark]: true });
