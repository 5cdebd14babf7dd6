import { html, Markup } from './markup.ts';

/** The pictures of a page: each is on it once, however many detectors got it wrong. */
export class Pictures {
  readonly #names = new Map<string, string>();

  /** A JPEG in base64, and what it shows; undefined where there is none. */
  of(jpeg: string | undefined, shows: string): Markup | undefined {
    if (jpeg === undefined || !/^[A-Za-z0-9+/]+=*$/.test(jpeg)) return undefined;
    const name = this.#names.get(jpeg) ?? `p${this.#names.size}`;
    this.#names.set(jpeg, name);
    return html`<span class="picture ${name}" role="img" aria-label="${shows}"></span>`;
  }

  /** The rules that show them, for the page's style. */
  get style(): Markup {
    const rules = [...this.#names].map(
      ([jpeg, name]) => `.${name}{background-image:url(data:image/jpeg;base64,${jpeg})}`,
    );
    return new Markup(rules.join('\n'));
  }
}
