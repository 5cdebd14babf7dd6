/// <reference lib="dom" />
import { byId } from './elements.ts';

/** Lets people choose photographs, drop them anywhere on the page, or paste them. */
export function startChooser(take: (files: readonly File[]) => void): void {
  const input = byId('file') as HTMLInputElement;
  input.disabled = false;
  input.addEventListener('change', () => {
    take([...(input.files ?? [])]);
    // So that the same file can be chosen again.
    input.value = '';
  });
  const drop = byId('drop');
  let depth = 0;
  const enter = (by: number) => drop.classList.toggle('over', (depth += by) > 0);
  addEventListener('dragenter', () => enter(1));
  addEventListener('dragleave', () => enter(-1));
  // Without it the browser would open the file in the place of the page.
  addEventListener('dragover', (event) => event.preventDefault());
  addEventListener('drop', (event) => {
    event.preventDefault();
    enter(-depth);
    take([...(event.dataTransfer?.files ?? [])]);
  });
  addEventListener('paste', (event) => take([...(event.clipboardData?.files ?? [])]));
}
