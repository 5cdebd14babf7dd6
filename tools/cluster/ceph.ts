import { execFile, spawn, type ChildProcess } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { promisify } from 'node:util';

const run = promisify(execFile);

/** Timeout for the cluster to respond, in ms. */
const patience = 120_000;

/**
 * A real Ceph on loopback ports: one monitor, one OSD with in-memory storage, one S3 gateway. No authentication within the cluster; the gateway
 * authenticates its users.
 */
export class Ceph {
  readonly folder: string;
  readonly #ports: readonly number[];
  readonly #children = new Map<string, ChildProcess>();
  readonly credentials = { AWS_ACCESS_KEY_ID: 'FAROUTCLUSTER', AWS_SECRET_ACCESS_KEY: randomUUID() };

  private constructor(folder: string, ports: readonly number[]) {
    this.folder = folder;
    this.#ports = ports;
  }

  /** Starts everything. On failure, leaves nothing running. */
  static async start(): Promise<Ceph> {
    const folder = await mkdtemp(path.join(tmpdir(), 'farout-ceph-'));
    const ceph = new Ceph(folder, [await freePort(), await freePort()]);
    process.once('exit', () => ceph.#kill());
    // By default, a signal would end this process and leave the others running.
    for (const [signal, code] of [
      ['SIGINT', 130],
      ['SIGTERM', 143],
      ['SIGHUP', 129],
    ] as const)
      process.once(signal, () => process.exit(code));
    try {
      await ceph.#begin();
      return ceph;
    } catch (error) {
      const logs = await Promise.all(
        ['mon', 'osd', 'rgw'].map((name) => readFile(ceph.#log(name), 'utf8').catch(() => '')),
      );
      await ceph.stop();
      throw new Error(`Ceph does not start: ${String(error)}\n${logs.map((log) => log.slice(-2000)).join('\n')}`, {
        cause: error,
      });
    }
  }

  /** The address of the gateway. */
  get url(): string {
    return `http://127.0.0.1:${this.#ports[1]}`;
  }

  /** Kills the gateway, as in a power failure. */
  async killGateway(): Promise<void> {
    const gateway = this.#children.get('rgw')!;
    gateway.kill('SIGKILL');
    await once(gateway, 'exit');
  }

  async startGateway(): Promise<void> {
    this.#spawn('rgw', 'radosgw', ['-f', '-n', 'client.rgw']);
    await until(() => fetch(this.url).then(({ ok }) => ok));
  }

  /** Ends all processes it started, and removes its folder. */
  async stop(): Promise<void> {
    const ends = [...this.#children.values()].filter(isRunning).map((child) => once(child, 'exit'));
    this.#kill();
    await Promise.all(ends);
    await rm(this.folder, { recursive: true, force: true });
  }

  #kill(): void {
    for (const child of this.#children.values()) child.kill('SIGKILL');
  }

  async #begin(): Promise<void> {
    await this.#configure();
    const monitor = ['--cluster', 'ceph', '-c', this.#config, '-i', 'a'];
    await run('ceph-mon', ['--mkfs', ...monitor, '--monmap', path.join(this.folder, 'monmap')]);
    this.#spawn('mon', 'ceph-mon', ['-f', ...monitor]);
    const osd = randomUUID();
    await until(() => this.#ceph('osd', 'new', osd));
    await run('ceph-osd', ['-c', this.#config, '-i', '0', '--mkfs', '--osd-uuid', osd]);
    this.#spawn('osd', 'ceph-osd', ['-f', '-c', this.#config, '-i', '0']);
    await until(async () => (await this.#ceph('osd', 'stat')).includes('1 up'));
    const { AWS_ACCESS_KEY_ID: id, AWS_SECRET_ACCESS_KEY: secret } = this.credentials;
    const user = [
      'user',
      'create',
      '--uid=farout',
      '--display-name=farout',
      `--access-key=${id}`,
      `--secret=${secret}`,
    ];
    await run('radosgw-admin', ['-c', this.#config, '-n', 'client.rgw', ...user], { timeout: patience });
    await this.startGateway();
  }

  async #configure(): Promise<void> {
    const [monitor, gateway] = this.#ports;
    const fsid = randomUUID();
    for (const name of ['mon', 'osd']) await mkdir(path.join(this.folder, name));
    const lines = [
      '[global]',
      `fsid = ${fsid}`,
      `mon host = v2:127.0.0.1:${monitor}`,
      'mon initial members = a',
      'auth cluster required = none',
      'auth service required = none',
      'auth client required = none',
      'public network = 127.0.0.0/8',
      'osd objectstore = memstore',
      'memstore device bytes = 2147483648',
      'osd pool default size = 1',
      'osd pool default min size = 1',
      'osd pool default pg num = 8',
      'osd pool default pg autoscale mode = off',
      'osd crush chooseleaf type = 0',
      'mon allow pool size one = true',
      'mon data avail crit = 1',
      `mon data = ${this.folder}/mon`,
      `osd data = ${this.folder}/osd`,
      `run dir = ${this.folder}`,
      `admin socket = ${this.folder}/$name.asok`,
      `crash dir = ${this.folder}`,
      'log to file = false',
      'log to stderr = true',
      '[client.rgw]',
      // A gateway requires encryption by default, which is impossible without authentication.
      'ms mon client mode = crc',
      `rgw frontends = beast endpoint=127.0.0.1:${gateway}`,
      `rgw data = ${this.folder}/rgw`,
    ];
    await writeFile(this.#config, `${lines.join('\n')}\n`);
    const map = ['--create', '--addv', 'a', `[v2:127.0.0.1:${monitor}]`, '--fsid', fsid];
    await run('monmaptool', [...map, '--enable-all-features', path.join(this.folder, 'monmap')]);
  }

  get #config(): string {
    return path.join(this.folder, 'ceph.conf');
  }

  #log(name: string): string {
    return path.join(this.folder, `${name}.log`);
  }

  #ceph = async (...words: readonly string[]): Promise<string> => {
    const { stdout } = await run('ceph', ['-c', this.#config, '--connect-timeout', '5', ...words], { timeout: 20_000 });
    return stdout;
  };

  #spawn(name: string, program: string, words: readonly string[]): void {
    const all = [program, ...words, ...(words.includes('-c') ? [] : ['-c', this.#config])];
    // The shell redirects to the log; `exec` replaces it by the program, so that a kill reaches the program.
    const child = spawn('sh', ['-c', 'log=$1; shift; exec "$@" >>"$log" 2>&1', 'sh', this.#log(name), ...all], {
      stdio: 'ignore',
    });
    this.#children.set(name, child);
  }
}

const isRunning = ({ exitCode, signalCode }: ChildProcess) => exitCode === null && signalCode === null;

async function until(done: () => Promise<unknown>): Promise<void> {
  const end = performance.now() + patience;
  for (let last: unknown = 'nothing'; ;) {
    try {
      const answer = await done();
      if (answer !== false) return;
    } catch (error) {
      last = error;
    }
    if (performance.now() > end) throw new Error(`it does not answer: ${String(last)}`);
    await wait(300);
  }
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as { port: number };
  server.close();
  return port;
}
