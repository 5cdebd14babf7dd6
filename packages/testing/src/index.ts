export type { CaseBase, CaseFit, CaseHead, Matrix, RefusalCase } from './cases.ts';
export type { TestFunctions } from './test-functions.ts';
export { testHook, type HookCase, type HookedCase } from './test-hook.ts';
export { testScorer, type ScorerCase, type ScorerInput } from './test-scorer.ts';
