import { html, Markup } from './markup.ts';

/** The pictures of a page. Each is embedded once, however many detectors misjudged it. */
export class Pictures {
  readonly #names = new Map<string, string>();

  /** Markup for a JPEG in base64, described by `shows`; undefined if there is no valid JPEG. */
  of(jpeg: string | undefined, shows: string): Markup | undefined {
    if (jpeg === undefined || !/^[A-Za-z0-9+/]+=*$/.test(jpeg)) return undefined;
    const name = this.#names.get(jpeg) ?? `p${this.#names.size}`;
    this.#names.set(jpeg, name);
    return html`<span class="picture ${name}" role="img" aria-label="${shows}"></span>`;
  }

  /** The CSS rules that show the pictures. */
  get style(): Markup {
    const rules = [...this.#names].map(
      ([jpeg, name]) => `.${name}{background-image:url(data:image/jpeg;base64,${jpeg})}`,
    );
    return new Markup(rules.join('\n'));
  }
}
