/** The names in the screening are those of the WIT. */
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import {
  ACTOR_FUNCTIONS,
  ACTOR_INTERFACE,
  HOST_FUNCTIONS,
  HOST_INTERFACE,
  isLinkedInterface,
} from '../../../packages/runtime/src/components/actor-interface.ts';

const WIT = readFileSync(new URL('../../../wit/plexspaces-actor/actor.wit', import.meta.url), 'utf8');

function functionsOf(name: string): string[] {
  const body = new RegExp(`^interface ${name} \\{(.*?)^\\}`, 'ms').exec(WIT)?.[1] ?? '';
  return [...body.matchAll(/^ {2}([a-z0-9-]+): func\(/gm)].map((match) => camelCase(match[1] ?? ''));
}

function camelCase(name: string): string {
  return name.replace(/-([a-z0-9])/g, (_match, letter: string) => letter.toUpperCase());
}

describe('the names of actor.wit', () => {
  it('are the functions that are checked', () => {
    expect(HOST_FUNCTIONS.toSorted()).toEqual(functionsOf('host').toSorted());
    expect(ACTOR_FUNCTIONS.toSorted()).toEqual(functionsOf('actor').toSorted());
  });

  it('have the version that is checked', () => {
    const [, name, version] = /^package ([a-z:]+)@([0-9.]+);/m.exec(WIT) ?? [];
    expect(ACTOR_INTERFACE).toBe(`${name}/actor@${version}`);
    expect(HOST_INTERFACE).toBe(`${name}/host@${version}`);
  });
});

describe('the copy of actor.wit in the SDK for Rust', () => {
  it('is the same', () => {
    const copy = new URL('../../../sdk/rust/wit/deps/plexspaces-actor/actor.wit', import.meta.url);
    expect(readFileSync(copy, 'utf8')).toBe(WIT);
  });
});

describe('isLinkedInterface', () => {
  it.each([
    'plexspaces:actor/host@0.1.0',
    'plexspaces:actor/types@0.1.0',
    'wasi:cli/exit@0.2.0',
    'wasi:io/poll@0.2.12',
  ])('knows %s', (name) => expect(isLinkedInterface(name)).toBe(true));

  it.each([
    'plexspaces:actor/host@0.2.0',
    'plexspaces:actor/host',
    'wasi:http/outgoing-handler@0.2.0',
    'wasi:cli/exit@0.3.0',
    'wasi:cli/exit',
    'wasi:cli/run@0.2.0',
    'toString',
  ])('does not know %s', (name) => expect(isLinkedInterface(name)).toBe(false));
});
