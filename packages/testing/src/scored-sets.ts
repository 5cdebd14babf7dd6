import { sweep, type Sweep } from '@farout/core';

/** The sweep of scores that are written as lists. */
export const sweepOf = (idScores: readonly number[], oodScores: readonly number[]): Sweep =>
  sweep(Float32Array.from(idScores), Float32Array.from(oodScores));

/** 40 ID scores and 40 OOD scores that overlap, with ties within and between the sets. */
export const overlappingSets = (): Sweep => sweepOf(scoresFrom(5, 40), scoresFrom(0, 40));

/** `count` scores in steps of ½ over ten units from `lowest` on, repeated and out of order. */
export const scoresFrom = (lowest: number, count: number): number[] =>
  Array.from({ length: count }, (_, i) => lowest + ((i * 7) % 20) / 2);
