/** Certificates for a test, made by openssl: an authority, and what it signs. */
import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { makeScratchDirectory } from './scratch-directory.ts';

export interface Pair {
  /** Paths of PEM files. */
  readonly cert: string;
  readonly key: string;
}

/** In PEM, as programs take them. */
export interface PemPair {
  readonly cert: Buffer;
  readonly key: Buffer;
}

const run = promisify(execFile);
const KEY = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-days', '2'];

export class Authority {
  readonly #directory: string;
  #count = 0;

  private constructor(directory: string) {
    this.#directory = directory;
  }

  static async make(): Promise<Authority> {
    const authority = new Authority(await makeScratchDirectory());
    const files = ['-keyout', authority.#file('ca.key'), '-out', authority.cert];
    await run('openssl', ['req', '-x509', ...KEY, ...files, '-subj', '/CN=authority of a test']);
    return authority;
  }

  get cert(): string {
    return this.#file('ca.pem');
  }

  /** @param alternatives as openssl writes them: `IP:127.0.0.1,DNS:localhost`. */
  async sign(commonName: string, alternatives = 'DNS:unnamed.example'): Promise<Pair> {
    this.#count += 1;
    const [cert, key] = [this.#file(`${this.#count}.pem`), this.#file(`${this.#count}.key`)];
    const signer = ['-CA', this.cert, '-CAkey', this.#file('ca.key')];
    const names = ['-subj', `/CN=${commonName}`, '-addext', `subjectAltName=${alternatives}`];
    await run('openssl', ['req', '-x509', ...KEY, ...signer, '-keyout', key, '-out', cert, ...names]);
    return { cert, key };
  }

  #file(name: string): string {
    return join(this.#directory, name);
  }
}

export async function readPair({ cert, key }: Pair): Promise<PemPair> {
  return { cert: await readFile(cert), key: await readFile(key) };
}
