/** Cycles found by a walk through a graph: each starts and ends with the same node. */
export function circlesIn(arrows: ReadonlyMap<string, readonly string[]>): string[][] {
  const circles: string[][] = [];
  const done = new Set<string>();
  const walk = (node: string, way: readonly string[]): void => {
    if (way.includes(node)) circles.push([...way.slice(way.indexOf(node)), node]);
    else if (!done.has(node)) {
      for (const next of arrows.get(node) ?? []) walk(next, [...way, node]);
      done.add(node);
    }
  };
  for (const node of arrows.keys()) walk(node, []);
  return circles;
}
