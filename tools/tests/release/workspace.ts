import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';

const json = (content: object) => `${JSON.stringify(content, undefined, 2)}\n`;
const report = '## API\n\n```ts\n\n// @public\nexport const one: 1;\n\n```\n';

/** A repository of two packages with its history, as the release sees it. */
export class SmallWorkspace {
  readonly root = mkdtempSync(path.join(tmpdir(), 'farout-workspace-'));

  constructor() {
    const core = { name: '@farout/core', version: '0.1.0' };
    const cli = { name: 'farout', version: '0.1.0', dependencies: { '@farout/core': '0.1.0', zod: '0.1.0' } };
    const plugin = { name: 'farout-gen', version: '0.1.0', peerDependencies: { '@farout/core': '^0.1.0' } };
    const entries = { '': { version: '0.1.0' }, 'packages/core': core, 'node_modules/zod': { version: '0.1.0' } };
    this.write('package.json', json({ name: 'farout-workspace', version: '0.1.0' }));
    this.write('packages/core/package.json', json(core));
    this.write('packages/cli/package.json', json(cli));
    this.write('docs/examples/farout-gen/package.json', json(plugin));
    this.write('package-lock.json', json({ version: '0.1.0', packages: { ...entries, 'packages/cli': cli } }));
    this.write('CITATION.cff', 'version: 0.1.0\ndate-released: 2026-01-01\n');
    this.write('README.md', 'farout-core-0.1.0.tgz, other-0.1.0.tgz, "zod": "^0.1.0"\n');
    this.write('docs/versions.md', '"@farout/core": "^0.1.0", "version": "0.1.0"\n');
    this.write('docs/api/core.api.md', report);
    this.write('CHANGELOG.md', '# Changelog\n\n## Unreleased\n\n### Added\n\n- A.\n');
    this.git('init', '--quiet', '--initial-branch=main');
    for (const [key, value] of Object.entries({ name: 'Somebody', email: 'somebody@example.org' }))
      this.git('config', `user.${key}`, value);
    this.commit();
  }

  write(file: string, text: string): void {
    mkdirSync(path.dirname(path.join(this.root, file)), { recursive: true });
    writeFileSync(path.join(this.root, file), text);
  }

  readonly read = (file: string) => readFileSync(path.join(this.root, file), 'utf8');

  /** Replaces a text in a file, which must be there. */
  edit(file: string, from: string, to: string): void {
    const text = this.read(file);
    if (!text.includes(from)) throw new Error(`${file} does not hold ${from}`);
    this.write(file, text.replace(from, to));
  }

  git(...words: readonly string[]): string {
    const { status, stdout, stderr } = spawnSync('git', words, { cwd: this.root, encoding: 'utf8' });
    if (status !== 0) throw new Error(stderr);
    return stdout.trim();
  }

  commit(): void {
    this.git('add', '--all');
    this.git('commit', '--quiet', '--allow-empty', '--message', 'A state');
  }

  remove(): void {
    rmSync(this.root, { recursive: true });
  }
}
