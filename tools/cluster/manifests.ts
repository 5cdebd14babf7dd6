import { strict as assert } from 'node:assert';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { Job, type IJob } from 'kubernetes-models/batch/v1/Job';
import { ConfigMap, type IConfigMap } from 'kubernetes-models/v1/ConfigMap';
import { parseAllDocuments } from 'yaml';
import { farout } from '../farout-process.ts';
import { writeExperiment } from './experiment.ts';

const pod = `
volumes: [{ name: store, persistentVolumeClaim: { claimName: shared } }]
containers: [{ volumeMounts: [{ name: store, mountPath: /store }], resources: { limits: { cpu: "4" } } }]
`;

/** Without a cluster: checks what `farout submit --to kubernetes` would send, wave by wave, against the schemas of Kubernetes. */
export async function manifests(): Promise<void> {
  const folder = mkdtempSync(path.join(tmpdir(), 'farout-manifests-'));
  try {
    const experiment = writeExperiment(folder, "'; touch x; '");
    writeFileSync(path.join(folder, 'pod.yaml'), pod);
    for (const wave of ['features', 'fit', 'second']) {
      const words = ['--tasks', '64', '--image', 'farout:1', '--wave', wave, '--kueue', 'team', '--dry-run'];
      const own = ['--pod', path.join(folder, 'pod.yaml'), '--set', 'store=/store/$(HOME)'];
      const { code, stdout, stderr } = await farout(['submit', experiment, '--to', 'kubernetes', ...words, ...own]);
      assert.equal(code, 0, stderr);
      const [configMap, job] = parseAllDocuments(stdout).map((document) => document.toJS() as unknown);
      new ConfigMap(configMap as IConfigMap).validate();
      const sent = new Job(job as IJob);
      sent.validate();
      assert.equal(sent.spec!.completions, wave === 'fit' ? 1 : 64);
    }
    console.log('manifests: ConfigMap and Indexed Job of three waves match the schemas of Kubernetes');
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
