import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { createConnection, createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout } from 'node:timers/promises';

/** Whether Redis is on this machine. */
export const hasRedis = spawnSync('redis-server', ['--version']).status === 0;

/** A Redis server of its own, reached from this machine alone, that keeps what it has been told on disk. */
export class RedisServer {
  readonly #folder = mkdtempSync(path.join(tmpdir(), 'farout-redis-'));
  readonly #password: string | undefined;
  #port = 0;
  #process: ReturnType<typeof spawn> | undefined;

  constructor(password?: string) {
    this.#password = password;
  }

  get address(): URL {
    return new URL(`redis://${this.#password === undefined ? '' : `:${this.#password}@`}127.0.0.1:${this.#port}`);
  }

  async start(): Promise<void> {
    this.#port ||= await freePort();
    const options = ['--bind', '127.0.0.1', '--port', String(this.#port), '--appendonly', 'yes', '--save', ''];
    const secret = this.#password === undefined ? [] : ['--requirepass', this.#password];
    this.#process = spawn('redis-server', [...options, ...secret, '--dir', this.#folder], { stdio: 'ignore' });
    while (!(await answers(this.#port))) await setTimeout(20);
  }

  /** As a power cut would end it. */
  async kill(): Promise<void> {
    const running = this.#process;
    this.#process = undefined;
    if (!running) return;
    const gone = once(running, 'exit');
    running.kill('SIGKILL');
    await gone;
  }

  async remove(): Promise<void> {
    await this.kill();
    rmSync(this.#folder, { recursive: true, force: true });
  }
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}

function answers(port: number): Promise<boolean> {
  const socket = createConnection(port, '127.0.0.1');
  return new Promise((resolve) => {
    const end = (isThere: boolean) => {
      socket.destroy();
      resolve(isThere);
    };
    socket.once('connect', () => end(true)).once('error', () => end(false));
  });
}
