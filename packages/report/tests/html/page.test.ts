import { createHash } from 'node:crypto';
import { describe, expect, it } from '@jest/globals';
import type { RenderOptions, ReportChart, ReportData, RunResults } from '@farout/core';
import { htmlReporter } from '../../src/html-reporter.ts';
import { drawnRun, nothingDrawn, shared } from '../drawn-run.ts';
import { finishedRun, withPublished } from '../finished-run.ts';

const small = { detectors: ['ReAct', 'MSP'], sets: ['sun', 'places'], width: 8 };
const render = async (results: RunResults, data: ReportData) => htmlReporter.render(results, data, shared);
const pageOf = ({ results, data } = drawnRun(small)) => render(results, data);
const count = (page: string, part: string) => page.split(part).length - 1;

describe('the report', () => {
  it('is one file that fetches nothing and runs no script but its own', async () => {
    const page = await pageOf();
    expect(page).not.toMatch(/(?:src|href)="(?!data:|#)/);
    const [, script] = /<script>([\s\S]*?)<\/script>/.exec(page)!;
    const hash = createHash('sha256').update(script!).digest('base64');
    expect(page).toContain(`default-src &#39;none&#39;`);
    expect(page).toContain(`script-src &#39;sha256-${hash}&#39;`);
  });

  it('has a picture for every chart of a section, with its caption', async () => {
    const page = await pageOf();
    expect(count(page, 'aria-label="sun, units: ReAct"')).toBe(1);
    expect(count(page, ', pooled: ReAct"')).toBe(2);
    expect(count(page, '<figcaption>places, pooled</figcaption>')).toBe(1);
    expect(count(page, 'aria-label="FPR95 ↓: MSP"')).toBe(1);
  });

  it('has each image that went wrong once, however many detectors got it wrong', async () => {
    const page = await pageOf();
    expect(count(page, 'data:image/jpeg;base64,')).toBe(1);
    expect(count(page, 'class="picture p0" role="img"')).toBe(2 * 8);
  });

  it('is drawn from what is kept, to the byte, and of other numbers draws but the chart that shows them', async () => {
    const known = new Map<string, string>();
    let drawn = 0;
    const kept: RenderOptions['kept'] = async (content, make) => {
      const key = JSON.stringify(content);
      if (!known.has(key)) known.set(key, ((drawn += 1), await make()));
      return known.get(key)!;
    };
    const draw = async ({ results, data }: ReturnType<typeof drawnRun>) => {
      drawn = 0;
      return { page: await htmlReporter.render(results, data, { ...shared, kept }), drawn };
    };
    const run = drawnRun(small);
    const page = await pageOf();
    expect(await draw(run)).toEqual({ page, drawn: count(page, '<svg aria-label') });
    expect(await draw(run)).toEqual({ page, drawn: 0 });
    const [first, second] = run.data.parts;
    const [one, ...others] = second!.shown;
    const [block] = one!.blocks as [ReportChart];
    const changed = { ...block, lines: block.lines!.map((line) => ({ ...line, y: line.y.toReversed() })) };
    const parts = [first!, { ...second!, shown: [{ ...one!, blocks: [changed] }, ...others] }];
    const other = await draw({ ...run, data: { ...run.data, parts } });
    expect({ drawn: other.drawn, isOther: other.page !== page }).toEqual({ drawn: 1, isOther: true });
  });

  it('switches between metrics, by what tables call them, and not where there is one', async () => {
    const of = (name: string, title: string, convention?: string) =>
      ({ name, title, better: 'higher', ...(convention !== undefined && { convention }) }) as const;
    const page = await render(
      finishedRun({ metrics: [of('a', 'T', 'one'), of('b', 'U'), of('c', 'T', 'other')] }),
      nothingDrawn,
    );
    const radios = [...page.matchAll(/name="metric"\s+value="(\d)"\s*( ?checked)?\s*\/>([\w, ]+)/g)];
    expect(radios.map(([, value, checked, label]) => [value, checked !== undefined, label])).toEqual([
      ['0', true, 'T, one'],
      ['1', false, 'U'],
      ['2', false, 'T, other'],
    ]);
    expect(await render(finishedRun({ metrics: [of('a', 'T')] }), nothingDrawn)).not.toContain('name="metric"');
  });

  it("shows what plugins' sections give: paragraphs, tables, charts", async () => {
    const page = await pageOf();
    expect(page).toContain('<h2>A section of a plugin</h2>');
    expect(page).toContain('<p>A paragraph.</p>');
    expect(page).toMatch(/<td>sun<\/td>\s*<td>0\.5<\/td>/);
    expect(page).toContain('aria-label="score against rank"');
  });

  it('says in the place of a picture why there is none', async () => {
    const page = await pageOf();
    expect(page).toContain('>no longer readable</div>');
    expect(page).toContain('>changed since it was &lt;scored&gt;</div>');
    expect(page).toContain('title="a &lt;long&gt; class">class: a &lt;long&gt; class</span>');
  });

  it('shows what was published in brackets, and which numbers are best', async () => {
    const page = await render(withPublished(), nothingDrawn);
    expect(page).toContain('<span class="published">(24.20)</span>');
    expect(page).toMatch(/data-value="25\.00"\s+class="best"/);
    expect(page).toContain('In brackets: published numbers');
  });

  it('shows names of others as text, whatever they try', async () => {
    const hostile = `</script><img src=x onerror="alert(1)">`;
    const run = drawnRun({ detectors: [hostile, 'MSP'], sets: [hostile], width: 2 });
    const page = await render(
      {
        ...run.results,
        name: hostile,
        experiment: { name: hostile },
        versions: { [hostile]: hostile },
        failed: [{ detector: hostile, code: 'OOD_X', message: hostile }],
      },
      run.data,
    );
    expect(page).not.toContain('<img src=x');
    // That of its data and that of its script.
    expect(count(page, '</script>')).toBe(2);
  });

  it('shows an infinite threshold as one', async () => {
    const run = drawnRun(small);
    const page = await render({ ...run.results, thresholds: { ReAct: -Infinity, MSP: Infinity } }, run.data);
    expect(page).toContain('greater than −∞,');
    expect(page).toContain('greater than ∞,');
  });

  it('shows what parts give under one title, folded up where it differs between detectors; the best lies open', async () => {
    const page = await pageOf();
    const of = (title: string) => page.split(`<h2>${title}</h2>`)[1]!.split('</section>')[0]!;
    expect(of('What a hook does')).toMatch(/^\s*<\/summary>\s*<h3>ReAct<\/h3>/);
    expect(of('What a hook does')).toContain('<p class="note">Of no hook.</p>');
    const choice = of('The choice of a number');
    expect(
      [...choice.matchAll(/<details data-detectors="[^"]*"\s*(open)?\s*>\s*<summary>(.*?)<\/summary>/g)].map(
        ([, open, name]) => [name, open],
      ),
    ).toEqual([
      ['ReAct', undefined],
      ['MSP', 'open'],
    ]);
  });

  it('leaves out what there is nothing to show of', async () => {
    const page = await render(finishedRun({ results: [], metrics: [] }), nothingDrawn);
    const sections = [...page.matchAll(/<section id="(\w+)"/g)].map(([, id]) => id);
    expect(sections).toEqual(['provenance']);
    expect([...page.matchAll(/href="#(\w+)"/g)].map(([, id]) => id)).toEqual(['provenance']);
  });

  it('names detectors that failed and images that were left out', async () => {
    const [results] = [finishedRun()];
    const { photographs } = results.datasets;
    const page = await render(
      {
        ...results,
        failed: [{ detector: 'ODIN', code: 'OOD_SHAPE', message: 'does not fit' }],
        datasets: { photographs: { ...photographs!, unreadable: [{ image: 'a.jpg', reason: 'cut short' }] } },
      },
      nothingDrawn,
    );
    expect(page).toContain('ODIN: does not fit [OOD_SHAPE]');
    expect(page).toContain('photographs, a.jpg: cut short');
  });

  it('says how fast images were read, or that none was', async () => {
    expect(await render(finishedRun({ imagesRead: 500, seconds: { extract: 2 } }), nothingDrawn)).toContain(
      '“extract” read 500 images, 250 per second;',
    );
    expect(await render(finishedRun({ imagesRead: 0 }), nothingDrawn)).toContain('This run read no images');
  });

  it('holds the experiment as YAML', async () => {
    const page = await render(finishedRun({ experiment: { name: 'x', ood: ['a', 'b'] } }), nothingDrawn);
    expect(page).toContain('name: x\nood:\n  - a\n  - b\n');
  });

  it('of twenty detectors on nine sets of a wide network stays under 5 MB', async () => {
    const detectors = Array.from({ length: 20 }, (_, i) => `detector ${i}`);
    const sets = Array.from({ length: 9 }, (_, i) => `set ${i}`);
    const page = await pageOf(drawnRun({ detectors, sets, width: 2048 }));
    expect(page.length).toBeLessThan(5e6);
  });
});
