/** On what the figures were measured: without it they say nothing. */
import { execFileSync } from 'node:child_process';
import { availableParallelism, cpus, loadavg, release, totalmem, type } from 'node:os';

export interface Machine {
  readonly cpu: string;
  readonly cores: number;
  readonly memoryGiB: number;
  readonly system: string;
  readonly node: string;
  /** The file system that holds the data: sync on a file system in memory costs nothing. */
  readonly disk: string;
  /** Of the last minute, when the run began: what else the machine was doing. */
  readonly loadAverage: number;
  readonly commit: string;
}

const GIB = 1024 ** 3;

export function describeMachine(directory: string): Machine {
  return {
    cpu: cpus()[0]?.model.trim() ?? 'unknown',
    cores: availableParallelism(),
    memoryGiB: Math.round(totalmem() / GIB),
    system: `${type()} ${release()}`,
    node: process.version,
    disk: fileSystemOf(directory),
    loadAverage: Number(loadavg()[0]?.toFixed(2)),
    commit: run('git', ['rev-parse', '--short', 'HEAD'])?.trim() ?? 'unknown',
  };
}

/** For file names: `amd-epyc-2`. */
export function machineName({ cpu, cores }: Machine): string {
  const words = cpu.toLowerCase().match(/[a-z\d]+/g) ?? ['unknown'];
  return `${words.join('-')}-${cores}`;
}

function fileSystemOf(directory: string): string {
  const [, facts] = run('df', ['-PT', directory])?.trim().split('\n') ?? [];
  const [device, kind] = facts?.split(/\s+/) ?? [];
  return device === undefined ? 'unknown' : `${kind} on ${device}`;
}

function run(program: string, args: readonly string[]): string | undefined {
  try {
    return execFileSync(program, args, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] });
  } catch {
    return undefined; // a fact that is missing is no reason to measure nothing
  }
}
