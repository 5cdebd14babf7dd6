import type { Labelled, Numbers } from './fitted.ts';
import { covarianceOf, eigenvectors, solve } from './plain-loops.ts';

/** ‖R·(h − o)‖₂ in plain loops, for a head of fewer classes than channels: o = −Wᵀ·(W·Wᵀ)⁻¹·b. */
export function residualLengths({ features, head }: Labelled, test: Numbers, dimension: number): number[] {
  const { weight, bias } = head;
  const dot = (x: readonly number[], y: readonly number[]) => x.reduce((sum, value, d) => sum + value * y[d]!, 0);
  const shares = solve(
    weight.map((w) => weight.map((other) => dot(w, other))),
    bias,
  );
  const origin = weight[0]!.map((_, d) => -weight.reduce((sum, w, k) => sum + shares[k]! * w[d]!, 0));
  const about = (rows: Numbers) => rows.map((h) => h.map((value, d) => value - origin[d]!));
  const space = eigenvectors(covarianceOf(about(features))).slice(dimension);
  return about(test).map((h) => Math.hypot(...space.map((direction) => dot(direction, h))));
}
