import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { nextVersion, planRelease } from '../../release/plan.ts';
import { SmallWorkspace } from './workspace.ts';

let workspace: SmallWorkspace;
beforeEach(() => {
  workspace = new SmallWorkspace();
});
afterEach(() => workspace.remove());

describe('the version that a change asks for', () => {
  it.each([
    ['0.3.1', 'breaks', '0.4.0'],
    ['0.3.1', 'adds', '0.3.2'],
    ['0.3.1', 'nothing', '0.3.2'],
    ['1.3.1', 'breaks', '2.0.0'],
    ['1.3.1', 'adds', '1.4.0'],
    ['1.3.1', 'nothing', '1.3.2'],
  ] as const)('is as docs/versions.md says: after %s, when it %s, %s', (last, change, next) => {
    expect(nextVersion(last, change)).toBe(next);
  });
});

describe('the plan of a release', () => {
  it('is that of the manifests before the first release', () => {
    expect(planRelease(workspace.root)).toEqual({
      version: '0.1.0',
      least: '0.1.0',
      last: undefined,
      change: 'nothing',
      reasons: ['nothing has been released yet'],
      notes: '### Added\n\n- A.',
      repository: undefined,
    });
  });

  it('follows from what the reports say since the newest tag', () => {
    for (const tag of ['v0.1.0', 'v0.9.3', 'v0.10.0', 'vain']) workspace.git('tag', tag);
    workspace.edit('docs/api/core.api.md', 'one: 1', 'one: 2');
    workspace.write('docs/api/onnx.api.md', '```ts\n\nexport const two: 2;\n\n```\n');
    expect(planRelease(workspace.root)).toMatchObject({
      version: '0.11.0',
      last: 'v0.10.0',
      change: 'breaks',
      reasons: ['core: one is changed'],
    });
    workspace.edit('docs/api/core.api.md', 'one: 2', 'one: 1');
    expect(planRelease(workspace.root)).toMatchObject({
      version: '0.10.1',
      change: 'adds',
      reasons: ['onnx: two is new or has more'],
    });
  });

  it('does not see tags of other branches', () => {
    workspace.git('checkout', '--quiet', '-b', 'other');
    workspace.commit();
    workspace.git('tag', 'v5.0.0');
    workspace.git('checkout', '--quiet', 'main');
    expect(planRelease(workspace.root).last).toBeUndefined();
  });

  it('takes an entry of the CHANGELOG for a break that no report shows', () => {
    workspace.git('tag', 'v0.1.0');
    workspace.edit('CHANGELOG.md', '- A.', '- **Breaks experiments:** A.');
    expect(planRelease(workspace.root)).toMatchObject({ version: '0.2.0', change: 'breaks' });
  });

  it('keeps the version that is wanted beside the least one', () => {
    workspace.git('tag', 'v0.1.0');
    expect(planRelease(workspace.root, '1.0.0')).toMatchObject({ version: '1.0.0', least: '0.1.1' });
  });

  it('has the address of the repository where package.json has it', () => {
    const repository = { type: 'git', url: 'git+https://forge.example/farout.git' };
    workspace.write('package.json', JSON.stringify({ version: '0.1.0', repository }));
    expect(planRelease(workspace.root).repository).toBe(repository.url);
  });
});
