import { describe, expect, it } from '@jest/globals';
import type { ReportBlock, ReportChart } from '@farout/core';
import { blocksMarkup } from '../../src/html/blocks.ts';
import { drawing } from '../../src/html/chart.ts';

const pageOf = async (...blocks: ReportBlock[]) =>
  (await blocksMarkup(blocks, drawing())).map(({ text }) => text).join('');
const legendOf = (page: string) =>
  [...page.matchAll(/<li>([\s\S]*?)<\/li>/g)].map(([, item]) => [
    item!.replace(/<[^>]*>/g, '').trim(),
    /class="swatch (\w+)"/.exec(item!)?.[1] ?? /stroke="(.*?)"/.exec(item!)?.[1],
  ]);
/** The lines and areas of a drawing: commands of paths that have a colour. */
const pathsOf = (page: string, colour: string) =>
  [
    ...page
      .split('</ul>')
      .at(-1)!
      .matchAll(/<path[^>]*\bd="([^"]*)"[^>]*>/g),
  ].flatMap(([tag, path]) => (tag.includes(`stroke="${colour}"`) || tag.includes(`fill="${colour}"`) ? [path!] : []));
const rulesOf = (page: string) => [...page.matchAll(/<line[^>]*stroke="var\(--ink\)"[^>]*>/g)].length;

const line = (name: string, y = [1, 2]) => ({ name, x: [0, 1], y });

describe('charts of sections', () => {
  it('show the names of their axes as text, control characters as escapes', async () => {
    const page = await pageOf({ x: '<x class="a">="1.234"', y: 'y\u0000\u202e', lines: [line('a')] });
    expect(page).toContain('>&lt;x class="a"&gt;="1.234"</text>');
    expect(page).toContain('>y\\x00\\u202e</text>');
  });

  it('share one legend, in which a series has one colour, ID and OOD theirs, and a mark is a broken line', async () => {
    const ofSets = [
      { ...line('ID: val'), as: 'id' as const },
      { ...line('OOD'), as: 'ood' as const },
    ];
    const page = await pageOf({
      charts: [
        { x: 'x', y: 'y', lines: [...ofSets, line('sun')], mark: { name: 'c', at: 0.5 } },
        { x: 'x', y: 'y', lines: [line('places'), line('sun')] },
      ],
    });
    expect(legendOf(page)).toEqual([
      ['ID: val', 'id'],
      ['OOD', 'ood'],
      ['sun', 'var(--line-1)'],
      ['places', 'var(--line-2)'],
      ['c', 'threshold'],
    ]);
    const [first, second] = page.split('<figure>').slice(1);
    expect(['var(--id)', 'var(--ood)', 'var(--line-1)'].map((colour) => pathsOf(first!, colour).length)).toEqual([
      1, 1, 1,
    ]);
    expect(['var(--line-1)', 'var(--line-2)'].map((colour) => pathsOf(second!, colour).length)).toEqual([1, 1]);
    expect([rulesOf(first!), rulesOf(second!)]).toEqual([1, 0]);
  });

  it('draw a band as an area and the line within it, cut off at the range', async () => {
    const band = { name: 'a', x: [0, 1, 2], y: [1, 2, 3], low: [0, 1, 2], high: [2, 3, 4] };
    const paths = pathsOf(await pageOf({ x: 'x', y: 'y', bands: [band], range: [0, 4] }), 'var(--line-1)');
    // 150 pixels for 0..4, y downwards: the line from 1 to 3, the area from 2 to 4 and back from 2 to 0.
    expect(paths.map((path) => path.match(/[\d.]+,[\d.]+/g))).toEqual([
      ['0,150', '125,112.5', '250,75', '250,0', '125,37.5', '0,75'],
      ['0,112.5', '125,75', '250,37.5'],
    ]);
  });

  it('draw a histogram as steps to the end of its last bin', async () => {
    const histogram = { name: 'a', edges: [0, 1, 2], shares: [0.25, 0.5] };
    const [path] = pathsOf(await pageOf({ x: 'x', y: 'y', histograms: [histogram] }), 'var(--line-1)');
    expect(path!.match(/[\d.]+,[\d.]+/g)).toEqual(['0,75', '125,75', '125,0', '250,0', '250,0']);
  });

  it('leave out on a logarithmic scale what is not above 0', async () => {
    const chart: ReportChart = {
      x: 'x',
      y: 'y',
      logarithmic: true,
      lines: [{ name: 'a', x: [0, 1, 2], y: [1, 0, 10] }],
    };
    const [path] = pathsOf(await pageOf(chart), 'var(--line-1)');
    expect(path!.match(/[\d.]+,[\d.]+/g)).toEqual(['0,180', '250,0']);
  });

  it('draw no mark beyond their series, and say so', async () => {
    const page = await pageOf({ x: 'x', y: 'y', lines: [line('a')], mark: { name: 'c', at: 1.5 } });
    expect(rulesOf(page)).toBe(0);
    expect(legendOf(page)).toContainEqual(['c (outside the axis)', 'threshold']);
  });

  it('are called by their axes where they have no caption', async () => {
    const page = await pageOf({ x: 'rank', y: 'score', lines: [line('a')] });
    expect(page).toContain('<figcaption>score against rank</figcaption>');
    expect(page).toContain('aria-label="score against rank"');
  });
});
