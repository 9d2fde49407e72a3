/** Where things lie in a component store's directory. Hashes were parsed before they get here. */
import { join } from 'node:path';

export class StorePaths {
  readonly modules: string;
  readonly prepared: string;
  readonly core: string;
  readonly temporary: string;

  constructor(directory: string) {
    this.modules = join(directory, 'modules');
    this.prepared = join(directory, 'prepared');
    this.core = join(directory, 'core');
    this.temporary = join(directory, 'tmp');
  }

  module(hash: string): string {
    return join(this.modules, `${hash}.wasm`);
  }

  preparedDirectory(hash: string): string {
    return join(this.prepared, hash);
  }

  /** `.mjs`: what kind of module it is must not hang on a package.json above the data directory. */
  javascript(hash: string): string {
    return join(this.prepared, hash, 'component.mjs');
  }

  record(hash: string): string {
    return join(this.prepared, hash, 'prepared.json');
  }

  coreModule(hash: string): string {
    return join(this.core, `${hash}.wasm`);
  }
}
