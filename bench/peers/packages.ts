/**
 * The neighbours' packages, installed by npm where the benchmark is asked for them: they are no dependencies of the
 * project, and take 400 MB.
 */
import { execFile } from 'node:child_process';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { promisify } from 'node:util';

export const PEER_VERSIONS = {
  '@restatedev/restate-server': '1.7.12',
  '@restatedev/restate-sdk': '1.17.2',
  miniflare: '4.20260426.0',
  '@extism/extism': '1.0.3',
} as const;

const MANIFEST = `${JSON.stringify({ private: true, dependencies: PEER_VERSIONS }, undefined, 2)}\n`;
const LOADER = 'load.mjs';
const INSTALL_TIMEOUT_MS = 300_000;

/** What was installed, by which its programs and modules are found. */
export class PeerPackages {
  readonly directory: string;

  private constructor(directory: string) {
    this.directory = directory;
  }

  /** Installs nothing where the same versions are there. @throws where npm fails, with what it said. */
  static async install(directory: string): Promise<PeerPackages> {
    const stamp = join(directory, 'installed.json');
    if ((await readFile(stamp, 'utf8').catch(() => '')) !== MANIFEST) {
      await mkdir(directory, { recursive: true });
      await writeFile(join(directory, 'package.json'), MANIFEST);
      await writeFile(join(directory, LOADER), 'export const load = (name) => import(name);\n');
      // Their programs come as packages of their own: nothing that is installed needs to run a script.
      const flags = ['install', '--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error'];
      await promisify(execFile)('npm', flags, { cwd: directory, timeout: INSTALL_TIMEOUT_MS });
      await writeFile(stamp, MANIFEST);
    }
    return new PeerPackages(directory);
  }

  /** A module with `load(name)`, which imports a package as one does that lies beside it. */
  get loaderUrl(): string {
    return pathToFileURL(join(this.directory, LOADER)).href;
  }

  /** Itself: the command that npm puts before it would outlive its own end. */
  get restateServer(): string {
    const { platform, arch } = process;
    const directory = join(this.directory, 'node_modules', '@restatedev', `restate-server-${platform}-${arch}`);
    return join(directory, 'bin', 'restate-server');
  }
}
