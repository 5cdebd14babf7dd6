import { readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import { Job } from 'kubernetes-models/batch/v1/Job';
import { ConfigMap } from 'kubernetes-models/v1/ConfigMap';
import { parseAllDocuments } from 'yaml';
import { kubernetesManifests, manifestText, type KubernetesOptions, type Submission } from '../src/index.ts';
import { hostile, submission } from './submission.ts';

const options: KubernetesOptions = {
  wave: 'features',
  image: 'ghcr.io/me/farout:1',
  experiment: 'name: demo\nid: objects # what it knows\n',
};

/** The manifests as Kubernetes reads them. */
function sent(given: Partial<Submission> = {}, more: Partial<KubernetesOptions> = {}) {
  const text = manifestText(kubernetesManifests({ ...submission, ...given }, { ...options, ...more }));
  const [configMap, job] = parseAllDocuments(text).map((document) => {
    expect(document.errors).toEqual([]);
    return document.toJS() as never;
  });
  return { configMap: new ConfigMap(configMap), job: new Job(job) };
}

const container = (job: Job) => job.spec!.template.spec!.containers[0]!;
const refused = (work: () => unknown) => expect(work).toThrow(expect.objectContaining({ code: 'OOD_BAD_COMMAND' }));

/** What Kubernetes makes of a word: `$(NAME)` of a variable, a dollar of two. */
const expanded = (word: string, variables: Record<string, string>) =>
  word.replaceAll(/\$\$|\$\(([^)]*)\)/g, (written, name?: string) =>
    name === undefined ? '$' : (variables[name] ?? written),
  );

describe('the manifests of a submission', () => {
  it('are what a user of Kubernetes would write', () => {
    const text = manifestText(kubernetesManifests(submission, { ...options, kueue: 'team' }));
    expect(text).toBe(readFileSync(new URL('expected/demo.yaml', import.meta.url), 'utf8'));
  });

  it('keep to the schemas of Kubernetes, which notice what does not', () => {
    const { configMap, job } = sent({}, { kueue: 'team' });
    for (const each of [configMap, job]) each.validate();
    const broken = new Job({ spec: { ...job.spec!, completions: 'four' as never } });
    expect(() => broken.validate()).toThrow(/completions/);
  });

  it('give each pod its index among all tasks', () => {
    const [features, fit] = [sent().job, sent({}, { wave: 'fit' }).job];
    const words = [...container(features).command!, ...container(features).args!];
    expect(words.map((word) => expanded(word, { JOB_COMPLETION_INDEX: '3' }))).toEqual(
      'farout work /farout/experiment.yaml --task 3/4 --wave features --set seed=1'.split(' '),
    );
    expect(features.spec).toMatchObject({ completions: 4, parallelism: 4, completionMode: 'Indexed' });
    expect(fit.spec).toMatchObject({ completions: 1, parallelism: 1 });
  });

  it.each(hostile)('take names and options for nothing but what they are: %j', (text) => {
    const { configMap, job } = sent(
      { name: text, options: ['--set', text] },
      { experiment: `name: ${JSON.stringify(text)}` },
    );
    for (const each of [configMap, job]) {
      each.validate();
      expect(each.metadata!.name).toMatch(/^[a-z0-9][a-z0-9-]{0,57}$/);
    }
    const words = container(job).args!.map((word) => expanded(word, { JOB_COMPLETION_INDEX: '0', HOME: 'x' }));
    expect(words.slice(-2)).toEqual(['--set', text]);
    expect(configMap.data).toEqual({ 'experiment.yaml': `name: ${JSON.stringify(text)}` });
  });

  it('have names of their own for each experiment, cut and options, and the same for the same', () => {
    const nameOf = (given: Partial<Submission>, more = {}) => sent(given, more).configMap.metadata!.name!;
    const names = [
      nameOf({}),
      nameOf({ name: 'Demo' }),
      nameOf({ tasks: 5 }),
      nameOf({ options: [] }),
      nameOf({}, { experiment: 'name: demo' }),
    ];
    expect(new Set(names).size).toBe(names.length);
    expect(nameOf({})).toBe(names[0]);
    expect(nameOf({ name: 'x'.repeat(300), tasks: 10_000 })).toHaveLength(49);
  });

  it('wait for a queue of Kueue only where one is named', () => {
    expect(sent().job.spec!.suspend).toBeUndefined();
    const { spec, metadata } = sent({}, { kueue: 'team' }).job;
    expect([spec!.suspend, metadata!.labels!['kueue.x-k8s.io/queue-name']]).toEqual([true, 'team']);
  });

  it('take the pod as its user wants it, with what farout needs in it', () => {
    const text = `
nodeSelector: { gpu: a100 }
restartPolicy: Always
volumes: [{ name: store, persistentVolumeClaim: { claimName: shared } }]
containers:
  - envFrom: [{ secretRef: { name: s3 } }]
    image: other
    resources: { limits: { cpu: '4' } }
    volumeMounts: [{ name: store, mountPath: /store }]
`;
    const { job } = sent({}, { pod: { text, file: 'pod.yaml' } });
    job.validate();
    expect(job.spec!.template.spec).toMatchObject({ nodeSelector: { gpu: 'a100' }, restartPolicy: 'Never' });
    expect(job.spec!.template.spec!.volumes!.map(({ name }) => name)).toEqual(['store', 'experiment']);
    expect(container(job)).toMatchObject({
      image: options.image,
      envFrom: [{ secretRef: { name: 's3' } }],
      volumeMounts: [{ name: 'store' }, { name: 'experiment', readOnly: true }],
    });
  });

  it('are refused where they would not fit, or not hold all', () => {
    refused(() => sent({}, { experiment: `name: demo # ${'x'.repeat(1_048_576)}` }));
    refused(() => sent({}, { experiment: 'extends: base.yaml\nname: demo' }));
    refused(() => sent({}, { pod: { text: 'containers: [{ name: a }, { name: b }]', file: 'pod.yaml' } }));
    refused(() => sent({}, { pod: { text: '- no pod', file: 'pod.yaml' } }));
  });
});
