import { createHash } from 'node:crypto';
import { FaroutError, printable } from '@farout/core';
import { parseDocument, stringify } from 'yaml';
import { mergedPod } from './pod.ts';
import { dnsLabel, isCut, type Submission, type Wave } from './submission.ts';

/** What Kubernetes needs in addition to the submission. */
export interface KubernetesOptions {
  /** The container image with farout and all files that the experiment refers to by path. */
  readonly image: string;
  readonly wave: Wave;
  /** The text of the experiment file. */
  readonly experiment: string;
  /** The LocalQueue of Kueue that starts the jobs; if absent, they start at once. */
  readonly kueue?: string | undefined;
  /** The user's pod settings, in YAML: volumes, variables, resources, nodes. */
  readonly pod?: { readonly text: string; readonly file: string } | undefined;
}

/** A Kubernetes manifest. */
export type Manifest = Readonly<Record<string, unknown>>;

/** The size limit of a ConfigMap in etcd, in bytes. */
const mostBytes = 1_048_576;

/** How often Kubernetes retries a task before it counts as failed. */
const retries = 6;

/** The folder of the experiment in a pod. */
const folder = '/farout';
const key = 'experiment.yaml';

/** The path of the experiment in a pod. */
export const fileInPod = `${folder}/${key}`;

/**
 * The manifests of one wave of a submission: a ConfigMap with the experiment and an Indexed Job. Kubernetes jobs cannot wait for each other, so the
 * next wave is sent when this one is complete.
 *
 * - A pod lost to a node failure, an eviction or a preemption is replaced, and does not count as a failure.
 * - The exit code that means "never retry" ends the job at once. Any other failure concerns one index, which is retried six times.
 * - Names contain the SHA-256 of the experiment and its options: a changed experiment gets new jobs.
 *
 * @throws FaroutError OOD_BAD_COMMAND when the experiment is too large for a ConfigMap or extends another file, or the pod is invalid.
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

/** Manifests as one file, one document each. */
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

/** Escapes a word so that Kubernetes does not expand `$(VARIABLE)` in it. */
const literal = (word: string) => word.replaceAll('$', '$$$$');

/** A hash that is the same for all waves of one submission. */
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

/** A ConfigMap holds one file: a base experiment would be missing in the pod. */
function refuseExtending(experiment: string): void {
  if (!parseDocument(experiment).has('extends')) return;
  throw new FaroutError('OOD_BAD_COMMAND', 'the experiment extends another file, but a pod receives only this one', {
    fix: 'Copy the contents of the base experiment into this one.',
  });
}
