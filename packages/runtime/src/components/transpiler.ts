/**
 * Runs the transpiling process and keeps it within bounds.
 *
 * T1. At most `transpileConcurrency` processes at once; further callers wait in line, a bounded number of them.
 * T2. A process sees an empty environment, reads only code and its input, writes only its output directory
 *     (Node's permission model), and may start no process or thread and load no native code.
 * T3. Its JavaScript heap and each of its WebAssembly memories have a maximum. What is resident is looked at
 *     every 50 ms where there is /proc; elsewhere the two maxima are all.
 * T4. It is killed when its time is over, when it says too much and when the caller gives up. A call settles
 *     after its process is gone.
 */
import { spawn } from 'node:child_process';
import type { ChildProcessByStdio } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import type { Readable } from 'node:stream';
import { fileURLToPath } from 'node:url';
import { PlexSpacesError } from '@plexspaces/core';
import { PAGE_BYTES } from './memory-limit.ts';
import { readableRoots } from './readable-roots.ts';
import { Slots } from './slots.ts';
import type { ResolvedComponentStoreOptions } from './store-options.ts';
import { cancelled } from './single-flight.ts';
import { errorOf, parseVerdict } from './verdict.ts';
import type { Transpiled } from './verdict.ts';

type Child = ChildProcessByStdio<null, Readable, Readable>;

interface Outcome {
  readonly stdout: string;
  readonly stderr: string;
  readonly exit: string;
}

const MIB = 1024 * 1024;
const RESIDENT_CHECK_MS = 50;
const MAX_OUTPUT_CHARACTERS = MIB;
const SELF = import.meta.url;
const ENTRY = fileURLToPath(new URL(SELF.endsWith('.ts') ? './transpile-main.ts' : './transpile-main.js', SELF));

export class Transpiler {
  readonly #options: ResolvedComponentStoreOptions;
  readonly #slots: Slots;
  #runs = 0;

  constructor(options: ResolvedComponentStoreOptions) {
    this.#options = options;
    this.#slots = new Slots(options.transpileConcurrency, options.transpileQueueLimit, 'transpiling components');
  }

  /** How many processes were started so far. */
  get runs(): number {
    return this.#runs;
  }

  /**
   * Screens and transpiles the component at `input` into the empty directory `outputDirectory`.
   *
   * @throws what the screening found, RESOURCE_EXHAUSTED over a limit, CANCELLED on abort.
   */
  async run(input: string, outputDirectory: string, signal: AbortSignal): Promise<Transpiled> {
    return this.#slots.with(async () => {
      this.#runs += 1;
      const outcome = await this.#runProcess(input, outputDirectory, signal);
      return readOutcome(outcome);
    }, signal);
  }

  async #runProcess(input: string, outputDirectory: string, signal: AbortSignal): Promise<Outcome> {
    const child = spawn(process.execPath, this.#arguments(input, outputDirectory), {
      env: {},
      cwd: outputDirectory,
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    return new Watch(child, this.#options, signal).outcome;
  }

  #arguments(input: string, outputDirectory: string): string[] {
    const { transpileHeapBytes, transpileMemoryBytes, unsafeSkipScreening } = this.#options;
    return [
      ...process.execArgv.filter((argument) => argument.startsWith('--conditions=')),
      '--permission',
      ...[...readableRoots(ENTRY), input].map((path) => `--allow-fs-read=${path}`),
      `--allow-fs-read=${outputDirectory}`,
      `--allow-fs-write=${outputDirectory}`,
      '--no-warnings',
      `--max-old-space-size=${Math.floor(transpileHeapBytes / MIB)}`,
      `--wasm-max-mem-pages=${Math.floor(transpileMemoryBytes / PAGE_BYTES)}`,
      ENTRY,
      input,
      outputDirectory,
      ...(unsafeSkipScreening ? ['--unsafe-skip-screening'] : []),
    ];
  }
}

function readOutcome({ stdout, stderr, exit }: Outcome): Transpiled {
  if (stdout === '') throw withoutAnswer(stderr, exit);
  const verdict = parseVerdict(stdout);
  if (verdict.tag === 'refused') throw errorOf(verdict);
  return verdict;
}

/** V8 ends a process that is out of heap by a signal; anything else that keeps it from answering is our fault. */
function withoutAnswer(stderr: string, exit: string): PlexSpacesError {
  const lines = stderr.split('\n').map((line) => line.trim());
  const said = lines.find((line) => /FATAL ERROR|Error\b/.test(line)) ?? lines[0] ?? '';
  const code = exit.startsWith('SIG') || said.includes('out of memory') ? 'RESOURCE_EXHAUSTED' : 'INTERNAL';
  return new PlexSpacesError(code, `transpiling the component ended without an answer (${exit}): ${said}`);
}

/** One process from its start to its end. */
class Watch {
  readonly outcome: Promise<Outcome>;
  readonly #child: Child;
  readonly #residentLimitBytes: number;
  #failure: PlexSpacesError | undefined;

  constructor(child: Child, options: ResolvedComponentStoreOptions, signal: AbortSignal) {
    this.#child = child;
    this.#residentLimitBytes = options.transpileResidentBytes;
    const deadline = setTimeout(() => {
      this.#kill(exhausted(`took longer than its limit of ${options.transpileMs} ms`));
    }, options.transpileMs);
    const check = setInterval(() => void this.#checkResident(), RESIDENT_CHECK_MS);
    const onAbort = (): void => this.#kill(cancelled(signal));
    signal.addEventListener('abort', onAbort, { once: true });
    if (signal.aborted) onAbort();
    this.outcome = this.#end().finally(() => {
      clearTimeout(deadline);
      clearInterval(check);
      signal.removeEventListener('abort', onAbort);
    });
  }

  async #end(): Promise<Outcome> {
    const [stdout, stderr, exit] = await Promise.all([
      this.#collect(this.#child.stdout),
      this.#collect(this.#child.stderr),
      this.#exit(),
    ]);
    if (this.#failure !== undefined) throw this.#failure;
    return { stdout, stderr, exit };
  }

  #exit(): Promise<string> {
    const { promise, resolve, reject } = Promise.withResolvers<string>();
    this.#child.once('error', (cause) => {
      reject(new PlexSpacesError('INTERNAL', `cannot start the transpiling process: ${cause.message}`, { cause }));
    });
    this.#child.once('close', (code, signal) => resolve(signal ?? `exit code ${code}`));
    return promise;
  }

  async #collect(stream: Readable): Promise<string> {
    stream.setEncoding('utf8');
    let text = '';
    for await (const chunk of stream) {
      text += String(chunk);
      if (text.length <= MAX_OUTPUT_CHARACTERS) continue;
      this.#kill(exhausted(`wrote more than ${MAX_OUTPUT_CHARACTERS} characters of output`));
      text = '';
    }
    return text;
  }

  async #checkResident(): Promise<void> {
    const bytes = await residentBytes(this.#child.pid);
    if (bytes <= this.#residentLimitBytes) return;
    this.#kill(exhausted(`uses ${bytes} bytes of memory, its limit is ${this.#residentLimitBytes}`));
  }

  /** The first reason is the one that is told. */
  #kill(failure: PlexSpacesError): void {
    this.#failure ??= failure;
    this.#child.kill('SIGKILL');
  }
}

/** What a process has resident; 0 where that cannot be told. */
async function residentBytes(pid: number | undefined): Promise<number> {
  if (pid === undefined) return 0;
  const status = await readFile(`/proc/${pid}/status`, 'latin1').catch(() => '');
  const kib = /^VmRSS:\s+(\d+) kB$/m.exec(status)?.[1];
  return kib === undefined ? 0 : Number(kib) * 1024;
}

function exhausted(what: string): PlexSpacesError {
  return new PlexSpacesError('RESOURCE_EXHAUSTED', `transpiling the component ${what}`);
}
