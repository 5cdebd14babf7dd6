/// <reference lib="dom" />
import type { NetworkInput } from '../load.ts';
import type { Verdict } from '@farout/verdict';
import { byId, made, scoreText } from './elements.ts';

/** A scored photograph, or the reason why it could not be scored. */
export interface Photograph {
  readonly name: string;
  /** The object URL of its file. */
  readonly address: string;
  readonly outcome: { readonly verdict: Verdict; readonly seen: NetworkInput } | { readonly failure: string };
}

/** All photographs of this visit, the latest first. If there are several, each can be shown again. */
export class Shelf {
  readonly #show: (photograph: Photograph) => void;

  constructor(show: (photograph: Photograph) => void) {
    this.#show = show;
  }

  add(photograph: Photograph): void {
    const shelf = byId('shelf');
    const button = made('button', { type: 'button' }, ...contents(photograph));
    button.addEventListener('click', () => this.#select(photograph, button));
    shelf.prepend(made('li', {}, button));
    byId('others').hidden = shelf.childElementCount < 2;
    this.#select(photograph, button);
  }

  #select(photograph: Photograph, chosen: HTMLButtonElement): void {
    for (const button of byId('shelf').querySelectorAll('button'))
      button.setAttribute('aria-pressed', String(button === chosen));
    this.#show(photograph);
  }
}

function contents({ name, address, outcome }: Photograph): Node[] {
  const said = (kind: string, text: string) => made('span', { class: `said ${kind}` }, text);
  const file = made('span', { class: 'name' }, name);
  if ('failure' in outcome) return [said('failed', 'Not scored'), file];
  const { verdict } = outcome;
  const [kind, short] = verdict.isInDistribution ? (['id', 'ID'] as const) : (['ood', 'OOD'] as const);
  return [made('img', { src: address, alt: '' }), said(kind, `${short} ${scoreText(verdict.score)}`), file];
}
