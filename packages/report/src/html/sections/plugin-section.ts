import type { PluginSection, ReportBlock } from '@farout/core';
import { lineChart, lineLegend } from '../charts.ts';
import { dataTable, figure, figures, html, type Markup } from '../markup.ts';

/** What a plugin shows: data that it gave, drawn as the page draws its own. */
export async function pluginSection({ title, blocks }: PluginSection): Promise<Markup> {
  return html`<section>
    <h2>${title}</h2>
    ${await Promise.all(blocks.map(blockMarkup))}
  </section>`;
}

async function blockMarkup(block: ReportBlock): Promise<Markup> {
  if ('text' in block) return html`<p>${block.text}</p>`;
  if ('heads' in block) return dataTable(block.heads, block.rows);
  const points = block.lines.flatMap(({ x, y }, line) =>
    x.map((value, order) => ({ line, order, x: value, y: y[order] })),
  );
  const title = `${block.y} against ${block.x}`;
  const picture = await lineChart(block.x, block.y)(title, { datasets: { points } });
  return html`${lineLegend(block.lines.map(({ name }) => name))} ${figures([figure(title, picture)])}`;
}
