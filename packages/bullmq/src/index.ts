export { addTasks, type AddRequest } from './add-tasks.ts';
export { queueAddress } from './address.ts';
export type { QueueCounts } from './server.ts';
export type { QueuedExperiment, QueuedTask, QueuedWave } from './tasks.ts';
export { workTasks, type TaskOutcome, type WorkRequest } from './work-tasks.ts';
