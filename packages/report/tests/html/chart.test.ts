import { describe, expect, it } from '@jest/globals';
import type { TopLevelSpec } from 'vega-lite';
import { drawing, type ChartData } from '../../src/html/chart.ts';

const named: TopLevelSpec = {
  width: 100,
  height: 50,
  data: { name: 'bars' },
  mark: 'bar',
  encoding: {
    x: { field: 'value', type: 'quantitative', title: 'share' },
    y: { field: 'set', type: 'nominal', axis: { labelLimit: 0 } },
    color: { field: 'set', type: 'nominal', legend: null },
  },
};

const draw = async (name: string, title = 'Shares') => {
  return (await drawing()(title, named, barsOf(name))).text;
};

const barsOf = (name: string): ChartData => ({
  datasets: {
    bars: [
      { set: name, value: 0.123456789 },
      { set: 'sun', value: 0.5 },
    ],
  },
});

const entities: Readonly<Record<string, string>> = { lt: '<', gt: '>', quot: '"', amp: '&', '#39': "'" };
const unescaped = (text: string) => text.replace(/&(#39|\w+);/g, (_, entity: string) => entities[entity]!);
const texts = (svg: string) => [...svg.matchAll(/<text[^>]*>([^<]*)<\/text>/g)].map(([, text]) => unescaped(text!));
/** The picture without what it says. */
const outline = (svg: string) => svg.replace(/(?<=>)[^<]+(?=<)/g, '').replace(/aria-label="[^"]*"/, '');

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
    const shapes = (picture: string) => (outline(picture).match(/<\w+/g) ?? []).sort();
    expect(shapes(svg)).toEqual(shapes(await draw('anything')));
    expect(svg).toMatch(/^<svg [^<>]*>.*<\/svg>$/s);
  });

  it('leaves out what no browser needs, and digits beyond a tenth of a pixel', async () => {
    const svg = await draw('places');
    expect(outline(svg)).not.toMatch(/ (?:class|font-family|pointer-events)=|\.\d\d/);
  });

  it('is the same whenever it is drawn, with clips that no other drawing on the page has', async () => {
    const clipped: TopLevelSpec = {
      width: 100,
      height: 50,
      data: { name: 'points' },
      mark: { type: 'line', clip: true },
      encoding: { x: { field: 'x', type: 'quantitative' }, y: { field: 'y', type: 'quantitative' } },
    };
    const points = (height: number) => ({ datasets: { points: [0, 1].map((x) => ({ x, y: x * height })) } });
    const drawn = (height: number) => drawing()('', clipped, points(height));
    const [first, again, other] = [await drawn(1), await drawn(1), await drawn(2)];
    expect(again.text).toBe(first.text);
    const clipsIn = ({ text }: { text: string }) => [...text.matchAll(/(?:id="|url\(#)([^")]*)/g)].map(([, id]) => id);
    expect(clipsIn(first).length).toBeGreaterThan(1);
    expect(new Set(clipsIn(first)).size).toBe(1);
    expect(clipsIn(other)).not.toContain(clipsIn(first)[0]);
  });
});

describe('a chart that is kept', () => {
  /** Draws it with something in the place of what was kept. */
  const drawKept = async (answer: (made: string) => string) => {
    const draw = drawing(async (_, make) => answer(await make()));
    return (await draw('Shares', named, barsOf('places'))).text;
  };

  it('is taken as it was', async () => {
    expect(texts(await drawKept((made) => made.replace('>places<', '>kept<')))).toContain('kept');
  });

  it('is asked for by its specification and its data, and entitled by its page', async () => {
    const asked: string[] = [];
    const draw = drawing(async (content, make) => {
      asked.push(JSON.stringify(content));
      return make();
    });
    const [one, other] = [await draw('One', named, barsOf('a')), await draw('Other', named, barsOf('a'))];
    expect([one, other].map(({ text }) => /aria-label="(.*?)"/.exec(text)?.[1])).toEqual(['One', 'Other']);
    expect(asked).toEqual(Array(2).fill(JSON.stringify([named, barsOf('a')])));
  });

  it.each<[string, (made: string) => string]>([
    ['a script', (made) => made.replace('</svg>', '<script>alert(1)</script></svg>')],
    ['a script in capitals', (made) => made.replace('</svg>', '<SCRIPT>alert(1)</SCRIPT></svg>')],
    ['a link', (made) => made.replace('<g', '<a href="https://farout.example"/><g')],
    ['a handler', (made) => made.replace('<g', '<g onclick="alert(1)"')],
    ['a handler in capitals', (made) => made.replace('<g', '<g oNclick="alert(1)"')],
    ['a style', (made) => made.replace('<g', '<g style="position: fixed"')],
    ['an attribute without quotation marks', (made) => made.replace('<g', '<g id=a onclick=alert(1)')],
    ['more behind its end', (made) => `${made}<p>more</p>`],
    ['a comment', (made) => made.replace('</svg>', '<!-- --></svg>')],
    ['no picture', () => 'a text'],
    ['nothing', () => ''],
  ])('is drawn anew where %s stands in its place', async (_, answer) => {
    expect(await drawKept(answer)).toBe(await draw('places'));
  });
});
