/// <reference lib="dom" />
import { byId } from './elements.ts';

/** Lets people choose photographs, drop them anywhere on the page, or paste them. */
export function startChooser(take: (files: readonly File[]) => void): void {
  const input = byId('file') as HTMLInputElement;
  input.disabled = false;
  input.addEventListener('change', () => {
    take([...(input.files ?? [])]);
    // Allows choosing the same file again.
    input.value = '';
  });
  const drop = byId('drop');
  let depth = 0;
  const enter = (by: number) => drop.classList.toggle('over', (depth += by) > 0);
  addEventListener('dragenter', () => enter(1));
  addEventListener('dragleave', () => enter(-1));
  // Otherwise the browser would open the file instead of the page.
  addEventListener('dragover', (event) => event.preventDefault());
  addEventListener('drop', (event) => {
    event.preventDefault();
    enter(-depth);
    take([...(event.dataTransfer?.files ?? [])]);
  });
  addEventListener('paste', (event) => take([...(event.clipboardData?.files ?? [])]));
}
