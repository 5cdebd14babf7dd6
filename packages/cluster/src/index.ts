export { callEngine, type EngineCall } from './call-engine.ts';
export { fileInPod, kubernetesManifests, manifestText, type KubernetesOptions, type Manifest } from './kubernetes.ts';
export { bashWord, isSlurmScript, sbatchWords, slurmJobs, slurmScript, type SlurmJob } from './slurm.ts';
export { checkedTasks, dnsLabel, type Submission, type Wave } from './submission.ts';
