/** From what the main thread hands over to what instances are made of: the one place that knows every form. */
import { ComponentCode } from './component-code.ts';
import type { GuestCode } from './guest-code.ts';
import { OkraCode } from './okra-code.ts';
import type { ComponentSource } from './protocol.ts';

/** @throws DATA_LOSS where a file is not what its hash says. */
export async function loadCode(source: ComponentSource): Promise<GuestCode> {
  switch (source.kind) {
    case 'component':
      return ComponentCode.load(source);
    case 'core-module':
      return new OkraCode(source.module);
  }
}
