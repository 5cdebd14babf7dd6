import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { repository as root } from '../farout-process.ts';
import { clients } from '../outside/clients.ts';
import { type Archive, packAndCheck, packedFrom } from './archives.ts';
import { checkInstalled } from './check-installed.ts';
import { tryElsewhere } from './elsewhere.ts';
import { type Plan, planRelease } from './plan.ts';
import { publish, refusals } from './publish.ts';

const start = performance.now();
const seconds = () => `${((performance.now() - start) / 1000).toFixed(0)} s`.padStart(6);
const say = (text: string) => console.log(`${seconds()}  ${text}`);
const faults: string[] = [];

const { positionals, values } = parseArgs({
  allowPositionals: true,
  options: { publish: { type: 'boolean', default: false }, 'dry-run': { type: 'boolean', default: false } },
});
if (positionals.length > 1 || (values.publish && values['dry-run'])) {
  console.error('npm run release -- [<version>] [--dry-run | --publish]');
  process.exit(2);
}

const plan = planRelease(root, positionals[0]);
describePlan(plan);
const place = { root, env: process.env };
const refused = refusals(plan, place);
if (values.publish && refused.length > 0) {
  console.error(`Refused:\n${list(refused)}`);
  process.exit(1);
}
const folder = mkdtempSync(path.join(tmpdir(), 'farout-release-'));
try {
  const archives = packAndCheck(folder, plan, !values.publish);
  describeArchives(archives);
  await installEverywhere(archives);
  if (faults.length > 0) throw new Error(`Faults:\n${list(faults)}`);
  if (values.publish) await publish(plan, archives, place);
  else describeRehearsal();
} catch (error) {
  console.error((error as Error).message);
  process.exitCode = 1;
} finally {
  rmSync(folder, { recursive: true, force: true });
}

function describePlan({ version, last, change, reasons }: Plan): void {
  const words = {
    breaks: 'breaks what plugins import',
    adds: 'adds to what plugins import',
    nothing: 'changes nothing there',
  };
  say(`version ${version}: ${last === undefined ? 'the first' : `since ${last} it ${words[change]}`}`);
  for (const reason of reasons.slice(0, 20)) console.log(`        ${reason}`);
}

function describeArchives(archives: readonly Archive[]): void {
  say(`${archives.length} archives${values.publish ? '' : ', onnxruntime for this machine only'}`);
  const kilobytes = (bytes: number) => `${Math.ceil(bytes / 1024).toLocaleString('en')} KB`.padStart(10);
  for (const { name, version, files, packedBytes, bytes } of archives)
    console.log(
      `        ${`${name} ${version}`.padEnd(32)}${kilobytes(packedBytes)} packed${kilobytes(bytes)}, ${files} files`,
    );
  faults.push(...archives.flatMap((each) => each.faults.map((fault) => `${each.name}: ${fault}`)));
}

async function installEverywhere(archives: readonly Archive[]): Promise<void> {
  const entries = archives.flatMap((each) => each.entries);
  const scores = new Set<string>();
  for (const client of clients) {
    const place = path.join(folder, client.name.replace(' ', '-'));
    const seen = await tryElsewhere(client, place, packedFrom(archives), entries);
    faults.push(...seen.faults.map((fault) => `${client.name}: ${fault}`));
    if (seen.scores !== undefined) scores.add(seen.scores);
    say(`${client.name}: installed, ${entries.length} entries compiled under node16 and bundler, demonstration run`);
    if (client.name === 'npm') describeInstalled(place);
  }
  if (scores.size > 1) faults.push('The scores of the demonstration differ between package managers.');
}

function describeInstalled(place: string): void {
  const { packages, licences, faults: found } = checkInstalled(place);
  const counted = [...licences].sort(([, a], [, b]) => b - a).map(([name, count]) => `${name} ${count}`);
  console.log(`        ${packages} packages: ${counted.join(', ')}`);
  faults.push(...found);
}

function describeRehearsal(): void {
  say('all checks passed; nothing was published or changed');
  if (refused.length > 0) console.log(`Before it can be published:\n${list(refused)}`);
}

function list(sentences: readonly string[]): string {
  return sentences.map((sentence) => `- ${sentence}`).join('\n');
}
