import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, describe, expect, it } from '@jest/globals';
import { parseCommandLine } from '../../src/command-line.ts';
import { blocks, files } from './fenced-blocks.ts';

const folder = mkdtempSync(path.join(tmpdir(), 'farout-production-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const textOf = (name: string) => files.find(({ file }) => file === name)!.text;
const place = (name: string) => path.join(folder, name);
const run = (program: string, ...words: string[]) => spawnSync(program, words, { encoding: 'utf8' });
const isThere = (program: string, word: string) => run(program, word).error === undefined;

const itWithSystemd = isThere('systemd-analyze', '--version') ? it : it.skip;
const itWithNginx = isThere('nginx', '-v') && isThere('openssl', 'version') ? it : it.skip;

describe('the examples of docs/production.md', () => {
  itWithSystemd('hold a unit that systemd takes without a remark (needs systemd-analyze)', () => {
    const unit = textOf('farout.service').replace(/\/opt\/farout\/node_modules\/\.bin\/farout/, process.execPath);
    expect(unit).toContain(`ExecStart=${process.execPath} serve `);
    writeFileSync(place('farout.service'), unit);
    const verified = run('systemd-analyze', 'verify', '--man=no', place('farout.service'));
    const remarks = verified.stderr.split('\n').filter((line) => line.includes('farout'));
    expect([verified.status, remarks]).toEqual([0, []]);
    writeFileSync(place('wrong.service'), unit.replace('ProtectHome=yes', 'ProtectHomes=yes'));
    expect(run('systemd-analyze', 'verify', '--man=no', place('wrong.service')).stderr).toContain('ProtectHomes');
  });

  itWithNginx('hold a proxy that nginx takes (needs nginx and openssl)', () => {
    const made = ['-x509', '-newkey', 'rsa:2048', '-nodes', '-subj', '/CN=ood.example.org', '-days', '1'];
    const names = ['-keyout', place('ood.example.org.key'), '-out', place('ood.example.org.pem')];
    expect(run('openssl', 'req', ...made, ...names).status).toBe(0);
    writeFileSync(place('farout.htpasswd'), 'camera-1:$2y$05$none\n');
    const server = textOf('farout.conf').replaceAll('/etc/nginx/', `${folder}/`);
    const main = (text: string) =>
      `pid ${place('nginx.pid')};\nerror_log stderr;\nevents {}\nhttp {\naccess_log off;\n${text}\n}\n`;
    writeFileSync(place('nginx.conf'), main(server));
    const tested = run('nginx', '-t', '-p', folder, '-c', place('nginx.conf'));
    expect([tested.status, tested.stderr]).toEqual([0, expect.stringContaining('test is successful')]);
    writeFileSync(place('nginx.conf'), main(server.replace('proxy_pass', 'proxy_passes')));
    expect(run('nginx', '-t', '-p', folder, '-c', place('nginx.conf')).status).not.toBe(0);
  });

  it('start the service with options that it has', async () => {
    const ofUnit = /^ExecStart=\S+ (.*)$/m.exec(textOf('farout.service'))![1]!.split(' ');
    const image = blocks.find(({ language }) => language === 'dockerfile')!.text;
    const [, ...ofImage] = JSON.parse(/^CMD (\[.*\])$/m.exec(image)![1]!) as string[];
    for (const words of [ofUnit, ofImage]) {
      expect(words[0]).toBe('serve');
      await expect(parseCommandLine(words)).resolves.toBeDefined();
    }
  });
});
