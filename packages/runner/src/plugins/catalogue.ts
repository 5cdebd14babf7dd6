import type { ManifestPlace } from '@farout/acquire/manifests';
import {
  FaroutError,
  type BackboneDefinition,
  type DatasetDefinition,
  type HookDefinition,
  type MetricDefinition,
  type PluginDefinition,
  type Reporter,
  type ReportSectionDefinition,
  type ScorerDefinition,
  type SourcePlace,
  type StorageDefinition,
} from '@farout/core';

/** The definitions of parts, by kind. */
export interface Definitions {
  readonly backbone: BackboneDefinition;
  readonly hook: HookDefinition;
  readonly scorer: ScorerDefinition;
  readonly dataset: DatasetDefinition;
  readonly metric: MetricDefinition;
  readonly section: ReportSectionDefinition;
  readonly reporter: Reporter;
  readonly storage: StorageDefinition;
}

/** The kinds of parts that plugins provide. */
export type PartKind = keyof Definitions;

/** The kinds of parts that an experiment names. Other contributions of a plugin are active once it is loaded. */
export type NamedKind = Exclude<PartKind, 'section' | 'reporter' | 'storage'>;

/** The member of a plugin that holds its parts of a kind. */
const members = {
  backbone: 'backbones',
  hook: 'hooks',
  scorer: 'scorers',
  dataset: 'datasets',
  metric: 'metrics',
  section: 'sections',
  reporter: 'reporters',
  storage: 'storages',
} as const satisfies Record<PartKind, keyof PluginDefinition>;

/** The kinds of parts, in the order of a listing. */
export const partKinds = Object.keys(members) as readonly PartKind[];

/** A plugin and its origin. */
export interface LoadedPlugin {
  readonly plugin: PluginDefinition;
  /** Name and version, or a local file with its SHA-256: part of the keys of everything its parts compute. */
  readonly origin: string;
  /** SHA-256 of all its code. */
  readonly code?: () => string;
  /** URL of a module that exports it and that any thread can import. */
  readonly module?: string;
  /** Absolute path of the file that exports it, for an external plugin: other processes load it from there. */
  readonly file?: string;
  /** Where the experiment names it; absent for a built-in. */
  readonly place?: SourcePlace;
  /** Locations of the manifests that it provides. */
  readonly manifests?: readonly ManifestPlace[];
}

/** A part that a plugin provides. */
export interface CatalogueEntry<K extends PartKind = PartKind> {
  readonly kind: K;
  readonly name: string;
  readonly definition: Definitions[K];
  /** See `LoadedPlugin`. */
  readonly origin: string;
  /** See `LoadedPlugin`. */
  readonly code?: () => string;
  /** See `LoadedPlugin`. */
  readonly module?: string;
  /** See `LoadedPlugin`. */
  readonly file?: string;
}

/** Generates a file of the run folder. */
export type PageMaker = Pick<Reporter, 'file' | 'render'> & Pick<LoadedPlugin, 'code'>;

/** Every part that the loaded plugins provide, by kind and name. */
export class Catalogue {
  readonly #entries = new Map<string, CatalogueEntry>();
  /** The same by their aliases. */
  readonly #aliases = new Map<string, CatalogueEntry>();
  readonly #manifests = new Map<string, ManifestPlace & { readonly origin: string }>();
  readonly #services = new Map<symbol, { create: () => unknown; origin: string }>();

  /** @returns errors for names that two plugins give to different parts. The first plugin keeps the name. */
  add({ plugin, origin, code, module, file, place, manifests = [] }: LoadedPlugin): FaroutError[] {
    const clashes: string[] = [];
    for (const kind of partKinds) {
      for (const definition of plugin[members[kind]] ?? []) {
        const { name, about } = definition;
        const from = {
          origin,
          ...(code && { code }),
          ...(module !== undefined && { module }),
          ...(file !== undefined && { file }),
        };
        const entry = { kind, name, definition, ...from };
        clashes.push(...this.#put(this.#entries, entry, name));
        for (const alias of about?.aliases ?? []) clashes.push(...this.#put(this.#aliases, entry, alias));
      }
    }
    clashes.push(...this.#filesTwice(plugin, origin), ...this.#addServices(plugin, origin));
    clashes.push(...this.#addManifests(manifests, origin));
    return clashes.map((message) => clash(message, place));
  }

  /** Adds an entry under one of its names, unless another part has that name. */
  #put(entries: Map<string, CatalogueEntry>, entry: CatalogueEntry, called: string): string[] {
    const { kind, name, origin } = entry;
    const taken = this.find(kind, called);
    if (!taken) entries.set(key(kind, called), entry);
    if (!taken || taken.definition === entry.definition) return [];
    const others = [name, taken.name].filter((each) => each !== called).map((each) => `"${each}"`);
    const own = others.length > 0 ? `, another name of ${others.join(' and of ')}` : '';
    return [`${origin} and ${taken.origin} both provide a ${kind} "${called}"${own}`];
  }

  /** Compared case-insensitively, because some file systems are. */
  #filesTwice({ reporters = [] }: PluginDefinition, origin: string): string[] {
    return reporters.flatMap(({ name, file }) => {
      const taken = this.entries('reporter').find(
        (other) => other.name !== name && other.definition.file.toLowerCase() === file.toLowerCase(),
      );
      return taken ? [`"${name}" of ${origin} and "${taken.name}" of ${taken.origin} both write ${file}`] : [];
    });
  }

  #addManifests(manifests: readonly ManifestPlace[], origin: string): string[] {
    return manifests.flatMap((place) => {
      const taken = this.#manifests.get(place.name);
      if (!taken) this.#manifests.set(place.name, { ...place, origin });
      const isOther = taken !== undefined && taken.file !== place.file;
      return isOther ? [`${origin} and ${taken.origin} both provide a manifest "${place.name}"`] : [];
    });
  }

  #addServices({ services = {} }: PluginDefinition, origin: string): string[] {
    const clashes: string[] = [];
    for (const token of Object.getOwnPropertySymbols(services)) {
      const taken = this.#services.get(token);
      const create = services[token]!;
      if (!taken) this.#services.set(token, { create, origin });
      else if (taken.create !== create) {
        clashes.push(`${origin} and ${taken.origin} both replace the service ${String(token.description)}`);
      }
    }
    return clashes;
  }

  /** The part of this kind with this name or alias; undefined if no plugin provides it. */
  find<K extends PartKind>(kind: K, name: string): CatalogueEntry<K> | undefined {
    const called = key(kind, name);
    return (this.#entries.get(called) ?? this.#aliases.get(called)) as CatalogueEntry<K> | undefined;
  }

  /** The names of all parts of a kind, in alphabetical order. */
  names(kind: PartKind): string[] {
    return this.entries(kind).map(({ name }) => name);
  }

  /** The aliases of parts of a kind. */
  aliases(kind: PartKind): string[] {
    return this.entries(kind).flatMap(({ definition }) => definition.about?.aliases ?? []);
  }

  /** All parts of a kind, in alphabetical order of their names. */
  entries<K extends PartKind>(kind: K): CatalogueEntry<K>[] {
    return [...this.#entries.values()]
      .filter((entry): entry is CatalogueEntry<K> => entry.kind === kind)
      .sort((a, b) => (a.name < b.name ? -1 : 1));
  }

  /** The manifests that plugins provide, by name. They are not read here. */
  get manifests(): ReadonlyMap<string, ManifestPlace> {
    return this.#manifests;
  }

  /** The modules that provide parts of a kind, by part name, if known. */
  modulesOf(kind: PartKind): ReadonlyMap<string, string> {
    return new Map(this.entries(kind).flatMap(({ name, module }) => (module === undefined ? [] : [[name, module]])));
  }

  /** The metrics of an experiment that lists none, in the order in which plugins provide them. */
  get defaultMetrics(): string[] {
    return [...this.#entries.values()]
      .filter(({ kind, definition }) => kind === 'metric' && (definition as MetricDefinition).byDefault === true)
      .map(({ name }) => name);
  }

  /** The reporters, in the order in which plugins provide them. */
  get reporters(): PageMaker[] {
    return [...this.#entries.values()].flatMap(({ kind, definition, code }) => {
      if (kind !== 'reporter') return [];
      const { file, render } = definition as Reporter;
      return [{ file, render, ...(code && { code }) }];
    });
  }

  /** Plugins' replacements for the runner's services, by token. */
  get services(): ReadonlyMap<symbol, () => unknown> {
    return new Map([...this.#services].map(([token, { create }]) => [token, create]));
  }
}

const key = (kind: PartKind, name: string) => `${kind}:${name}`;

const clash = (message: string, place: SourcePlace | undefined) =>
  new FaroutError('OOD_PLUGIN_CLASH', message, {
    ...(place && { place }),
    fix: 'Rename one of the two, or remove one of the plugins.',
  });
