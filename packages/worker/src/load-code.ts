/** From what the main thread hands over to what instances are made of: the one place that knows every form. */
import { ComponentCode } from './component-code.ts';
import type { GuestCode } from './guest-code.ts';
import type { ComponentSource } from './protocol.ts';

export async function loadCode(source: ComponentSource): Promise<GuestCode> {
  switch (source.kind) {
    case 'component':
      return ComponentCode.load(source);
    case 'core-module':
      return okraCode(source.module);
  }
}

/** Threads of components do without its modules. */
async function okraCode(module: WebAssembly.Module): Promise<GuestCode> {
  const { OkraCode } = await import('./okra-code.ts');
  return new OkraCode(module);
}
