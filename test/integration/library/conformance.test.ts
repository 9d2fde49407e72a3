/** Every kind of the library's actors, over every component that is there. */
import { WASMActor, WASMSingletonActor } from '@plexspaces/runtime';
import { beforeAll } from 'vitest';
import { describeActor } from '../../support/actor-conformance.ts';
import type { ConformingComponent, ConformingKind } from '../../support/actor-conformance.ts';
import { builtFixture } from '../../support/built-actors.ts';
import { makeScratchDirectory } from '../../support/scratch-directory.ts';
import { readEcho } from '../../fixtures/components/wat.ts';
import { RUST_GUEST } from '../../fixtures/rust/guest.ts';

const MAX = 2;
const KINDS: readonly ConformingKind[] = [
  {
    name: 'a WASMActor',
    max: MAX,
    start: (component, { workers, ...options }) =>
      WASMActor.start(component, { ...options, workers: { min: 1, max: MAX, ...workers } }),
  },
  {
    name: 'a WASMSingletonActor',
    max: 1,
    start: (component, options) => WASMSingletonActor.start(component, options),
  },
];

/** Bytes and files alike. */
const COMPONENTS: readonly ConformingComponent[] = [
  { name: '.wat', find: () => Promise.resolve(readEcho()) },
  { name: 'Python', find: () => builtFixture('echo') },
  { name: 'Rust', find: () => Promise.resolve(RUST_GUEST) },
  { name: 'TypeScript', find: () => builtFixture('echo', 'typescript') },
];

let cache: string;

beforeAll(async () => {
  cache = await makeScratchDirectory();
});

for (const component of COMPONENTS) for (const kind of KINDS) describeActor(kind, component, () => cache);
