import { describe, expect, it } from '@jest/globals';
import { html } from '../../src/html/markup.ts';

describe('html', () => {
  it('escapes every text that is put in, in attributes too', () => {
    const name = `<script>"'&`;
    expect(html`<b title="${name}">${name}</b>`.text).toBe(
      '<b title="&lt;script&gt;&quot;&#39;&amp;">&lt;script&gt;&quot;&#39;&amp;</b>',
    );
  });

  it('puts markup in as it is, lists in order, and nothing for nothing', () => {
    expect(
      html`<ul>
        ${[1, 2].map((n) => html`<li>${n}</li>`)}${undefined}
      </ul>`.text,
    ).toMatch(/^<ul>\s*<li>1<\/li><li>2<\/li>\s*<\/ul>$/);
  });

  it('shows characters that turn the direction of a text as escapes, and keeps lines', () => {
    expect(html`${'a\u202eb\nc'}`.text).toBe('a\\u202eb\nc');
  });
});
