import { describe, expect, it } from '@jest/globals';
import { chartOf } from '../../src/html/chart.ts';

const named = chartOf({
  width: 100,
  height: 50,
  data: { name: 'bars' },
  mark: 'bar',
  encoding: {
    x: { field: 'value', type: 'quantitative', title: 'share' },
    y: { field: 'set', type: 'nominal', axis: { labelLimit: 0 } },
    color: { field: 'set', type: 'nominal', legend: null },
  },
});

const draw = async (name: string, title = 'Shares') => {
  const bars = [
    { set: name, value: 0.123456789 },
    { set: 'sun', value: 0.5 },
  ];
  return (await named(title, { datasets: { bars } })).text;
};

const entities: Readonly<Record<string, string>> = { lt: '<', gt: '>', quot: '"', amp: '&', '#39': "'" };
const unescaped = (text: string) => text.replace(/&(#39|\w+);/g, (_, entity: string) => entities[entity]!);
const texts = (svg: string) => [...svg.matchAll(/<text[^>]*>([^<]*)<\/text>/g)].map(([, text]) => unescaped(text!));
/** The picture without what it says. */
const drawing = (svg: string) => svg.replace(/(?<=>)[^<]+(?=<)/g, '').replace(/aria-label="[^"]*"/, '');

describe('a chart', () => {
  it.each([
    ['markup', '<b>bold</b>'],
    ['the end of the picture', '</text></svg><script>alert(1)</script>'],
    ['a quotation mark', 'the "best" of all'],
    ['an attribute', 'a fill="red" class="mark" role="img"'],
    ['an attribute with digits', 'c="1.23456"'],
    ['a reference', 'url(#clip0)'],
    ['signs of replacement', "$& $1 $$ $` $'"],
    ['entities', '&lt;&amp;&quot;'],
    ['a comment', '<!-- --> <![CDATA[ ]]>'],
  ])('says %s in a name as it is, and is drawn as with any other', async (_, name) => {
    const svg = await draw(name, name);
    expect(texts(svg)).toContain(name);
    expect(unescaped(/aria-label="([^"]*)"/.exec(svg)![1]!)).toBe(name);
    expect(svg).not.toMatch(/<script|<b>|<!/);
    // A bar of another name may lie elsewhere, as names are sorted; the shapes are the same.
    const shapes = (picture: string) => (drawing(picture).match(/<\w+/g) ?? []).sort();
    expect(shapes(svg)).toEqual(shapes(await draw('anything')));
    expect(svg).toMatch(/^<svg [^<>]*>.*<\/svg>$/s);
  });

  it('leaves out what no browser needs, and digits beyond a tenth of a pixel', async () => {
    const svg = await draw('places');
    expect(drawing(svg)).not.toMatch(/ (?:class|font-family|pointer-events)=|\.\d\d/);
  });

  it('is the same whenever it is drawn, with clips that no other drawing on the page has', async () => {
    const clipped = chartOf({
      width: 100,
      height: 50,
      data: { name: 'points' },
      mark: { type: 'line', clip: true },
      encoding: { x: { field: 'x', type: 'quantitative' }, y: { field: 'y', type: 'quantitative' } },
    });
    const points = (height: number) => ({ datasets: { points: [0, 1].map((x) => ({ x, y: x * height })) } });
    const [first, again, other] = [
      await clipped('', points(1)),
      await clipped('', points(1)),
      await clipped('', points(2)),
    ];
    expect(again.text).toBe(first.text);
    const clipsIn = ({ text }: { text: string }) => [...text.matchAll(/(?:id="|url\(#)([^")]*)/g)].map(([, id]) => id);
    expect(clipsIn(first).length).toBeGreaterThan(1);
    expect(new Set(clipsIn(first)).size).toBe(1);
    expect(clipsIn(other)).not.toContain(clipsIn(first)[0]);
  });
});
