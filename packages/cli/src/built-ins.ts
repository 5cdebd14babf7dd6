import { backbones } from '@oodkit/backbones';
import type { PluginDefinition } from '@oodkit/core';
import { datasets } from '@oodkit/datasets';
import { demo } from '@oodkit/demo';
import { hooks } from '@oodkit/hooks';
import { metrics } from '@oodkit/metrics';
import { scorers } from '@oodkit/scorers';
import { versionOf } from './version.ts';

/** A plugin that comes with oodkit, and its version. */
export interface BuiltIn {
  readonly plugin: PluginDefinition;
  readonly version: string;
}

/** The plugins that every experiment may use: the only list of them. */
export const builtIns: readonly BuiltIn[] = [backbones, hooks, scorers, datasets, metrics, demo].map((plugin) => ({
  plugin,
  version: versionOf(plugin.name),
}));
