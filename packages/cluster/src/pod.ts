import { FaroutError, z } from '@farout/core';
import { parse } from 'yaml';

/** What farout says of a pod; all else is its user's. */
export interface OwnPod {
  readonly image: string;
  readonly command: readonly string[];
  readonly args: readonly string[];
  /** Where the experiment comes from, and where it lies. */
  readonly volume: Readonly<Record<string, unknown>>;
  readonly mount: Readonly<Record<string, unknown>>;
}

const listOf = z.array(z.looseObject({ name: z.string().optional() })).default([]);

/** A PodSpec of Kubernetes as far as it is put together here; Kubernetes checks the rest. */
const podSchema = z.looseObject({
  containers: z
    .array(z.looseObject({ volumeMounts: listOf }))
    .max(1)
    .default([]),
  volumes: listOf,
});

/** A pod gets so many seconds to keep the batch under way before it is killed. */
const grace = 60;

/**
 * The PodSpec of a task: what its user wants, and over it what farout needs. The user's one container, if any, is the task's.
 *
 * @throws FaroutError OOD_BAD_COMMAND when the user's text is no PodSpec, or has more containers than one.
 */
export function mergedPod(
  given: { readonly text: string; readonly file: string } | undefined,
  { image, command, args, volume, mount }: OwnPod,
): Readonly<Record<string, unknown>> {
  const { containers, volumes, ...pod } = given ? read(given) : podSchema.parse({});
  const { volumeMounts = [], ...container } = containers[0] ?? {};
  return {
    terminationGracePeriodSeconds: grace,
    ...pod,
    restartPolicy: 'Never',
    containers: [{ ...container, name: 'farout', image, command, args, volumeMounts: [...volumeMounts, mount] }],
    volumes: [...volumes, volume],
  };
}

function read({ text, file }: { readonly text: string; readonly file: string }): z.infer<typeof podSchema> {
  try {
    return podSchema.parse(parse(text));
  } catch (cause) {
    throw new FaroutError('OOD_BAD_COMMAND', `${file} is not a pod spec with at most one container`, {
      fix: 'Write what belongs under "spec:" of a pod: volumes, nodeSelector, containers with env, resources, volumeMounts.',
      cause,
    });
  }
}
