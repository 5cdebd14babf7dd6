import { createHash } from 'node:crypto';
import { FaroutError, printable } from '@farout/core';
import { parseDocument, stringify } from 'yaml';
import { mergedPod } from './pod.ts';
import { dnsLabel, isCut, type Submission, type Wave } from './submission.ts';

/** What Kubernetes has to know besides the submission. */
export interface KubernetesOptions {
  /** The image that has farout, and whatever the experiment names by path. */
  readonly image: string;
  readonly wave: Wave;
  /** The experiment: the text of its file. */
  readonly experiment: string;
  /** The LocalQueue of Kueue that starts the jobs; absent where they start at once. */
  readonly kueue?: string | undefined;
  /** A pod as its user wants it, in YAML: volumes, variables, resources, nodes. */
  readonly pod?: { readonly text: string; readonly file: string } | undefined;
}

/** A manifest as it is sent. */
export type Manifest = Readonly<Record<string, unknown>>;

/** What etcd takes at most of a ConfigMap, in bytes. */
const mostBytes = 1_048_576;

/** How often one task is begun again by Kubernetes before it counts as failed. */
const retries = 6;

/** Where the experiment lies in a pod. */
const folder = '/farout';
const key = 'experiment.yaml';

/** Where a task finds its experiment in a pod. */
export const fileInPod = `${folder}/${key}`;

/**
 * The manifests of one wave of a submission: a ConfigMap with the experiment and an Indexed Job. Kubernetes knows no job that waits for another:
 * the next wave is sent when this one is complete.
 *
 * - A pod that a node's end, an eviction or a preemption took is replaced, and counts as no failure.
 * - The code that means "never" ends the job at once. Any other failure is that of one index, tried six times more.
 * - Names hold the SHA-256 of the experiment and its options: a changed experiment has jobs of its own.
 *
 * @throws FaroutError OOD_BAD_COMMAND when the experiment is larger than a ConfigMap or extends another file, or the pod is none.
 */
export function kubernetesManifests(submission: Submission, options: KubernetesOptions): readonly Manifest[] {
  refuseLarge(options.experiment);
  refuseExtending(options.experiment);
  const named = `${dnsLabel(submission.name)}-${digitsOf(submission, options)}`;
  const about = {
    labels: { 'app.kubernetes.io/name': 'farout', 'app.kubernetes.io/instance': named },
    annotations: { 'farout/experiment': printable(submission.name) },
  };
  return [
    {
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: { name: named, ...about },
      immutable: true,
      data: { [key]: options.experiment },
    },
    waveJob(submission, options, named, about),
  ];
}

/** Manifests as one file, each a document. */
export const manifestText = (manifests: readonly Manifest[]): string =>
  manifests.map((manifest) => stringify(manifest, { lineWidth: 0, aliasDuplicateObjects: false })).join('---\n');

function waveJob(
  { tasks, command, options, neverRetry }: Submission,
  { wave, image, kueue, pod }: KubernetesOptions,
  named: string,
  { labels, annotations }: { readonly labels: Record<string, string>; readonly annotations: Record<string, string> },
): Manifest {
  const count = isCut(wave) ? tasks : 1;
  const work = ['work', fileInPod, '--task', `$(JOB_COMPLETION_INDEX)/${count}`, '--wave', wave];
  const queued = { ...labels, ...(kueue !== undefined && { 'kueue.x-k8s.io/queue-name': kueue }) };
  return {
    apiVersion: 'batch/v1',
    kind: 'Job',
    metadata: { name: `${named}-${wave}`, labels: queued, annotations },
    spec: {
      ...(kueue !== undefined && { suspend: true }),
      completionMode: 'Indexed',
      completions: count,
      parallelism: count,
      backoffLimitPerIndex: retries,
      podFailurePolicy: {
        rules: [
          { action: 'Ignore', onPodConditions: [{ type: 'DisruptionTarget', status: 'True' }] },
          { action: 'FailJob', onExitCodes: { containerName: 'farout', operator: 'In', values: [neverRetry] } },
        ],
      },
      template: {
        metadata: { labels, annotations },
        spec: mergedPod(pod, {
          image,
          command: command.map(literal),
          args: [...work, ...options.map(literal)],
          volume: { name: 'experiment', configMap: { name: named } },
          mount: { name: 'experiment', mountPath: folder, readOnly: true },
        }),
      },
    },
  };
}

/** A word that Kubernetes is not to replace `$(VARIABLE)` in. */
const literal = (word: string) => word.replaceAll('$', '$$$$');

/** The same for all waves of one submission. */
function digitsOf({ name, tasks, command, options }: Submission, others: KubernetesOptions): string {
  const { image, experiment, kueue, pod } = others;
  const all = JSON.stringify([name, tasks, command, options, image, experiment, kueue, pod?.text]);
  return createHash('sha256').update(all).digest('hex').slice(0, 8);
}

function refuseLarge(experiment: string): void {
  const bytes = Buffer.byteLength(experiment);
  if (bytes <= mostBytes) return;
  throw new FaroutError(
    'OOD_BAD_COMMAND',
    `the experiment has ${bytes} bytes, but a ConfigMap holds at most ${mostBytes}`,
    {
      fix: 'Move long lists into files in the image or the store, and name the files in the experiment.',
    },
  );
}

/** A ConfigMap holds one file: what it extends is not in the pod. */
function refuseExtending(experiment: string): void {
  if (!parseDocument(experiment).has('extends')) return;
  throw new FaroutError('OOD_BAD_COMMAND', 'the experiment extends another file, but a pod receives only this one', {
    fix: 'Copy the contents of the base experiment into this one.',
  });
}
