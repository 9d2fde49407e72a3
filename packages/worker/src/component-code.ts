/** A component: JavaScript that was generated of it, and its compiled core modules. */
import { flushCompileCache } from 'node:module';
import { PlexSpacesError } from '@plexspaces/core';
import type { ActorExports, GuestCode, InstanceOptions } from './guest-code.ts';
import type { HostContext } from './host/context.ts';
import { hostImports } from './host/index.ts';
import type { TranspiledComponent } from './protocol.ts';
import type { wasiImports } from './wasi.ts';

const ACTOR_INTERFACE = 'plexspaces:actor/actor@0.1.0';

/** How it makes an instance of a core module; default: as any other. */
type InstantiateCore = (module: WebAssembly.Module, imports: WebAssembly.Imports) => WebAssembly.Instance;

/** The generated module's one function, as jco writes it for synchronous instantiation. */
export type Instantiate = (
  getCoreModule: (name: string) => WebAssembly.Module,
  imports: Readonly<Record<string, unknown>>,
  instantiateCore?: InstantiateCore,
) => Readonly<Record<string, unknown>>;

interface ComponentParts {
  readonly instantiate: Instantiate;
  readonly modules: Readonly<Record<string, WebAssembly.Module>>;
  /** Of those that import WASI: its modules take 10 MiB, which a thread of the others does without. */
  readonly wasi: typeof wasiImports | undefined;
}

export class ComponentCode implements GuestCode {
  readonly #parts: ComponentParts;

  constructor(parts: ComponentParts) {
    this.#parts = parts;
  }

  static async load(component: TranspiledComponent): Promise<ComponentCode> {
    const module: unknown = await import(component.javascriptUrl);
    const wasi = component.hasWasi === true ? (await import('./wasi.ts')).wasiImports : undefined;
    const code = new ComponentCode({ instantiate: expectInstantiate(module), modules: component.modules, wasi });
    flushCompileCache(); // a thread that is terminated would not
    return code;
  }

  instantiate(context: HostContext, { environment, onMemory }: InstanceOptions): ActorExports {
    const { instantiate, modules, wasi } = this.#parts;
    const imports = { 'plexspaces:actor/host': hostImports(context), ...wasi?.(context, environment) };
    const instance = instantiate((name) => expectModule(modules, name), imports, onMemory && tellingOf(onMemory));
    return expectActor(instance[ACTOR_INTERFACE]);
  }
}

function tellingOf(onMemory: (memory: WebAssembly.Memory) => void): InstantiateCore {
  return (module, imports) => {
    const instance = new WebAssembly.Instance(module, imports);
    for (const exported of Object.values(instance.exports)) {
      if (exported instanceof WebAssembly.Memory) onMemory(exported);
    }
    return instance;
  };
}

function expectInstantiate(module: unknown): Instantiate {
  if (hasInstantiate(module)) return module.instantiate;
  throw new PlexSpacesError('INTERNAL', 'the generated module has no function instantiate');
}

function hasInstantiate(module: unknown): module is { instantiate: Instantiate } {
  return (
    typeof module === 'object' && module !== null && 'instantiate' in module && typeof module.instantiate === 'function'
  );
}

function expectModule(modules: Readonly<Record<string, WebAssembly.Module>>, name: string): WebAssembly.Module {
  const module = modules[name];
  if (module === undefined) throw new PlexSpacesError('INTERNAL', `expected core module ${name}, found none`);
  return module;
}

function expectActor(candidate: unknown): ActorExports {
  if (isActor(candidate)) return candidate;
  throw new PlexSpacesError('INVALID_ARGUMENT', `expected the interface ${ACTOR_INTERFACE}, found none`, {
    reason: 'NOT_A_COMPONENT',
  });
}

function isActor(candidate: unknown): candidate is ActorExports {
  return typeof candidate === 'object' && candidate !== null && 'handleRequest' in candidate;
}
