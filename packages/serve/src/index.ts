export type { Log, LogEvent } from './log.ts';
export { problems, type ProblemCode, type ProblemDocument } from './problems.ts';
export { serve, type Service, type ServeRequest } from './serve.ts';
