import { execFile, spawn, type ChildProcess } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { promisify } from 'node:util';

const run = promisify(execFile);
const nodes = ['n1', 'n2', 'n3'] as const;
type NodeName = (typeof nodes)[number];

/** Timeout of every wait, in ms. */
const patience = 900_000;

/**
 * A real Slurm with three nodes of two CPUs each on this machine, reachable only locally. Each node is a separate PID namespace, so that one SIGKILL
 * simulates a power failure.
 */
export class SlurmMachine {
  readonly folder = mkdtempSync(path.join(tmpdir(), 'farout-slurm-'));
  readonly env = { ...process.env, SLURM_CONF: this.#at('slurm.conf') };
  readonly #running = new Map<string, ChildProcess>();
  readonly #tearDown = () => this.#killAll();

  async start(): Promise<void> {
    for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(1));
    process.on('exit', this.#tearDown);
    for (const folder of ['state', ...nodes.map((name) => `spool-${name}`)]) mkdirSync(this.#at(folder));
    writeFileSync(this.#at('munge.key'), randomBytes(1024), { mode: 0o600 });
    writeFileSync(this.#at('slurm.conf'), this.#configuration());
    writeFileSync(this.#at('hosts'), `127.0.0.1 localhost ${nodes.join(' ')}\n`);
    this.#begin('munged', 'munged', [
      ...['--force', '--foreground', `--socket=${this.#at('munge')}`, `--key-file=${this.#at('munge.key')}`],
      ...['pid', 'log', 'seed'].map((kind) => `--${kind}-file=${this.#at(`munge.${kind}`)}`),
    ]);
    this.#begin('slurmctld', 'slurmctld', ['-D']);
    for (const name of nodes) this.startNode(name);
    await this.until(
      'three idle nodes',
      async () => (await this.call('sinfo', ['-h', '-N', '-t', 'idle', '-o', '%N'])).trim().split('\n').length === 3,
    );
  }

  startNode(name: NodeName): void {
    // To listen only on loopback, a node must resolve its own name to it.
    const inside = 'mount --bind "$2" /etc/hosts && hostname "$1" && exec slurmd -D -N "$1"';
    const apart = ['--uts', '--pid', '--fork', '--kill-child', '--mount-proc'];
    this.#begin(name, 'unshare', [...apart, 'sh', '-c', inside, 'sh', name, this.#at('hosts')]);
  }

  /** Simulates a power failure of a node: all its processes end at once. */
  async killNode(name: NodeName): Promise<void> {
    const node = this.#running.get(name)!;
    const gone = once(node, 'exit');
    node.kill('SIGKILL');
    await gone;
  }

  /** The output of a Slurm program. */
  async call(program: string, words: readonly string[]): Promise<string> {
    return (await run(program, words, { env: this.env, cwd: this.folder })).stdout;
  }

  /** Waits until a condition holds. */
  async until(what: string, isSo: () => Promise<boolean>): Promise<void> {
    const end = Date.now() + patience;
    while (!(await isSo().catch(() => false))) {
      if (Date.now() > end) throw new Error(`timed out waiting for ${what}\n${this.#logs()}`);
      await setTimeout(200);
    }
  }

  async stop(): Promise<void> {
    process.off('exit', this.#tearDown);
    const ends = [...this.#running.values()].filter(isAlive).map((child) => once(child, 'exit'));
    this.#killAll();
    await Promise.all(ends);
    rmSync(this.folder, { recursive: true, force: true });
  }

  #killAll(): void {
    for (const child of this.#running.values()) if (isAlive(child)) child.kill('SIGKILL');
  }

  #begin(name: string, program: string, words: readonly string[]): void {
    this.#running.set(name, spawn(program, words, { env: this.env, stdio: 'ignore' }));
  }

  #at(name: string): string {
    return path.join(this.folder, name);
  }

  #logs(): string {
    return ['slurmctld.log', ...nodes.map((name) => `${name}.log`)]
      .map((file) => `${file}\n${tail(this.#at(file))}`)
      .join('\n');
  }

  /** A lost node is detected after ten seconds; a requeued job waits until the credentials of its first attempt expire. */
  #configuration(): string {
    return `ClusterName=farout
SlurmctldHost=localhost(127.0.0.1)
SlurmctldPort=17000
SlurmUser=root
AuthType=auth/munge
AuthInfo=socket=${this.#at('munge')},cred_expire=5
CommunicationParameters=NoCtldInAddrAny,NoInAddrAny
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
SelectType=select/cons_tres
SlurmdParameters=config_overrides
SlurmdTimeout=10
KillWait=5
ReturnToService=2
JobRequeue=1
MpiDefault=none
StateSaveLocation=${this.#at('state')}
SlurmctldPidFile=${this.#at('slurmctld.pid')}
SlurmctldLogFile=${this.#at('slurmctld.log')}
SlurmdPidFile=${this.#at('%n.pid')}
SlurmdLogFile=${this.#at('%n.log')}
SlurmdSpoolDir=${this.#at('spool-%n')}
NodeName=n[1-3] NodeHostname=n[1-3] NodeAddr=127.0.0.1 Port=[17001-17003] CPUs=2
PartitionName=batch Nodes=ALL Default=YES
`;
  }
}

const isAlive = ({ exitCode, signalCode }: ChildProcess) => exitCode === null && signalCode === null;

function tail(file: string): string {
  try {
    return readFileSync(file, 'utf8').split('\n').slice(-15).join('\n');
  } catch {
    return 'is not there';
  }
}
