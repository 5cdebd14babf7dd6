import { spawn, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { afterEach, describe, expect, it } from '@jest/globals';
import { tar } from './archives/made-tar.ts';
import { endAll, server, temporaryFolder } from './parts/downloads.ts';
import { certificate } from './parts/certificate.ts';
import { compiled, start } from './parts/children.ts';
import { randomBytes, randomNumbers } from './parts/random.ts';
import { sendFile } from './parts/server.ts';

afterEach(endAll);

const bytes = randomBytes(400_000, 7);
/** Sends a file in twenty pieces, each once the one before is stored, so that there are moments in between on a busy machine too. */
const inPieces = async (
  request: Parameters<typeof sendFile>[0],
  response: Parameters<typeof sendFile>[1],
  { stored, sent }: { readonly stored: () => number; readonly sent: (share: number) => void },
) => {
  const from = Number(/^bytes=(\d+)-$/.exec(request.headers.range ?? '')?.[1] ?? 0);
  const range = from > 0 && { 'content-range': `bytes ${from}-${bytes.length - 1}/${bytes.length}` };
  response.writeHead(from > 0 ? 206 : 200, { 'content-length': bytes.length - from, etag: '"it"', ...range });
  for (let at = from; at < bytes.length; at += 20_000) {
    response.write(bytes.subarray(at, at + 20_000));
    do await setTimeout(1);
    while (stored() < at && !response.destroyed);
    sent((at + 20_000) / bytes.length);
  }
  response.end();
};

describe('a process that loads a file', () => {
  it('leaves no wrong file under the right name when it is killed at fifty random moments', async () => {
    const random = randomNumbers(11);
    const folder = temporaryFolder();
    const target = path.join(folder, 'file.bin');
    let sent: (share: number) => void = () => undefined;
    const stored = () => statSync(`${target}.part`, { throwIfNoEntry: false })?.size ?? 0;
    const { origin } = await server(
      (request, response) => void inPieces(request, response, { stored, sent: (share) => sent(share) }),
    );
    let [killed, finished, resumed] = [0, 0, 0];
    while (killed < 50) {
      const left = existsSync(`${target}.part`) ? readFileSync(`${target}.part`) : Buffer.alloc(0);
      if (left.length > 0) resumed++;
      expect(left.equals(bytes.subarray(0, left.length))).toBe(true);
      const { process: loading, ended } = start([`${origin}/file.bin`, target]);
      // Shortly after it begins, or after a share of the file has been sent; above 1 not at all. However fast the machine is.
      const [moment, delay] = [1.3 * random() - 0.2, 10 * random()];
      const kill = () => void setTimeout(delay).then(() => loading.kill('SIGKILL'));
      sent = (share) => {
        if (share >= moment) kill();
      };
      if (moment < 0) loading.stdout?.once('data', kill);
      const { signal } = await ended;
      if (signal === 'SIGKILL') killed++;
      if (!existsSync(target)) continue;
      finished++;
      expect(readFileSync(target).equals(bytes)).toBe(true);
      rmSync(target);
    }
    expect((await start([`${origin}/file.bin`, target]).ended).said).toMatch(/has 400000 bytes/);
    expect(readFileSync(target).equals(bytes)).toBe(true);
    // What lies beside it names itself, and nothing is left of a part.
    expect(readdirSync(folder).filter((name) => name.includes('.part'))).toEqual([]);
    expect(resumed).toBeGreaterThan(5);
    expect(finished).toBeGreaterThan(0);
  }, 180_000);

  it('waits for another that loads the same, and says so', async () => {
    const target = path.join(temporaryFolder(), 'file.bin');
    // The file is sent once the other one waits.
    let waits: () => void = () => undefined;
    const waiting = new Promise<void>((resolve) => (waits = resolve));
    const { origin, requests } = await server((request, response) => {
      void waiting.then(() => sendFile(request, response, bytes));
    });
    const both = [start([`${origin}/file.bin`, target]), start([`${origin}/file.bin`, target])];
    for (const { process: loading } of both) {
      loading.stdout?.on('data', (said: Buffer) => {
        if (said.toString().includes('; waiting')) waits();
      });
    }
    const said = (await Promise.all(both.map(({ ended }) => ended))).map((each) => each.said).sort();
    expect(said[0]).toMatch(
      /^begins\nfile.bin: process \d+ on .* is downloading it; waiting\nhas 400000 bytes from there before\n$/,
    );
    expect(said[1]).toMatch(/^begins\nhas 400000 bytes from http/);
    expect(requests.length).toBe(1);
    expect(readFileSync(target).equals(bytes)).toBe(true);
  });

  it('does not wait for one that is gone', async () => {
    const folder = temporaryFolder();
    const target = path.join(folder, 'file.bin');
    const { pid } = spawnSync(process.execPath, ['-e', '0']);
    const { origin } = await server((request, response) => sendFile(request, response, bytes));
    const host = (await import('node:os')).hostname();
    writeFileSync(`${target}.claim`, JSON.stringify({ host, process: pid, token: 'x' }));
    writeFileSync(`${target}.claim.left`, '');
    utimesSync(`${target}.claim.left`, 0, 0);
    expect((await start([`${origin}/file.bin`, target]).ended).said).toMatch(/has 400000 bytes/);
    expect(readdirSync(folder)).toEqual(['file.bin']);
  });

  it('trusts the certificate that NODE_EXTRA_CA_CERTS names', async () => {
    const folder = temporaryFolder();
    const [authority, target] = [path.join(folder, 'ca.pem'), path.join(folder, 'file.bin')];
    writeFileSync(authority, certificate);
    const { origin } = await server((request, response) => sendFile(request, response, bytes), { tls: true });
    const { said } = await start([`${origin}/f`, target], { NODE_EXTRA_CA_CERTS: authority }).ended;
    expect(said).toMatch(/has 400000 bytes/);
  });

  it('refuses to go from https to http', async () => {
    const folder = temporaryFolder();
    const authority = path.join(folder, 'ca.pem');
    writeFileSync(authority, certificate);
    const plain = await server((request, response) => sendFile(request, response, bytes));
    const { origin } = await server(
      (_, response) => void response.writeHead(302, { location: `${plain.origin}/a` }).end(),
      { tls: true },
    );
    const words = [`${origin}/f`, path.join(folder, 'file.bin')];
    const { said } = await start(words, { NODE_EXTRA_CA_CERTS: authority }).ended;
    expect(said).toMatch(/OOD_ADDRESS_REFUSED .* redirects from https to http/);
    expect(plain.requests).toEqual([]);
  });
});

describe('a process that unpacks an archive', () => {
  it('leaves no folder under the right name that is not whole when it is killed at random moments', async () => {
    const random = randomNumbers(13);
    const folder = temporaryFolder();
    const names = Array.from({ length: 300 }, (_, index) => `image-${index}.jpg`);
    const archive = tar(...names.map((name) => ({ name: `set/${name}`, content: name.repeat(100) })));
    const { origin } = await server((request, response) => sendFile(request, response, archive, { etag: '"it"' }));
    const source = {
      ...{
        title: 'A set',
        license: 'CC0-1.0',
        page: 'https://example.org',
        role: 'ood',
        layout: 'set/',
        citation: 'none',
      },
      ...{ found: ['here'], images: 300 },
      files: [
        { path: 'set.tar', addresses: [`${origin}/set.tar`], unpack: { folder: 'set', strip: 'set', images: 300 } },
      ],
    };
    mkdirSync(path.join(folder, 'datasets'));
    writeFileSync(path.join(folder, 'datasets', 'set.yaml'), JSON.stringify({ source }));
    const whole = path.join(folder, 'datasets', 'set');
    let killed = 0;
    for (let tries = 0; tries < 60 && killed < 20; tries++) {
      const { process: pulling, ended } = start([folder], {}, compiled('pull-child'));
      const delay = 80 * random();
      pulling.stdout?.once('data', () => void setTimeout(delay).then(() => pulling.kill('SIGKILL')));
      const { signal } = await ended;
      if (signal === 'SIGKILL') killed++;
      if (!existsSync(whole)) continue;
      expect(readdirSync(whole).length).toBe(300);
      rmSync(whole, { recursive: true });
    }
    expect(killed).toBeGreaterThan(10);
    expect((await start([folder], {}, compiled('pull-child')).ended).said).toMatch(/done\n$/);
    for (const name of names) expect(readFileSync(path.join(whole, name), 'utf8')).toBe(name.repeat(100));
    const beside = readdirSync(path.join(folder, 'datasets')).filter((name) => name.includes('unpacking'));
    expect(beside).toEqual([]);
  }, 60_000);
});

/** A shell of a name space of its own may mount a file system of a few kilobytes; not every system allows it. */
const mounts = spawnSync('unshare', ['-rm', 'true']).status === 0;
const itWithMounts = mounts ? it : it.skip;

describe('a disk that is too small', () => {
  const inNameSpace = (folder: string, script: string) =>
    new Promise<string>((resolve) => {
      const shell = spawn('unshare', ['-rm', 'bash', '-c', script], { cwd: folder });
      let said = '';
      shell.stdout.on('data', (chunk: Buffer) => (said += chunk.toString()));
      shell.on('close', () => resolve(said));
    });

  itWithMounts(
    'is told before anything is loaded where the size is known, and when it is full where it is not',
    async () => {
      const folder = temporaryFolder();
      const { origin } = await server((request, response) => {
        if (request.url === '/known') sendFile(request, response, bytes, { etag: '"it"' });
        else response.write(bytes, () => response.end());
      });
      const script = (name: string) =>
        `mkdir -p d && mount -t tmpfs -o size=200k none d && '${process.execPath}' '${compiled('download-child')}' ${origin}/${name} d/file.bin; ls d`;
      expect(await inNameSpace(folder, script('known'))).toMatch(
        /OOD_NO_SPACE file.bin needs 400000 more bytes, but .* has only/,
      );
      expect(await inNameSpace(folder, script('chunked'))).toMatch(/OOD_NO_SPACE no space for file.bin .*ENOSPC/);
    },
  );
});
