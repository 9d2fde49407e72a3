/** The SDK's own words for the interface are those of the WIT. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';

const PROJECT = join(import.meta.dirname, '../../..');
const wit = readFileSync(join(PROJECT, 'wit/plexspaces-actor/actor.wit'), 'utf8');
const sdk = readFileSync(join(PROJECT, 'sdk/typescript/src/host.ts'), 'utf8');

/** How componentize-qjs hands over what the WIT has. */
const TYPES: Readonly<Record<string, string>> = {
  string: 'string',
  bool: 'boolean',
  u32: 'number',
  u64: 'number',
  payload: 'Uint8Array',
  pattern: 'WitPattern',
  'tuple-value': 'WitTuple',
  _: 'void',
};

describe('the interface host', () => {
  it('has the functions of the WIT, with their parameters and results', () => {
    const expected = functionsOfWit(block(wit, 'interface host'));
    expect(expected.length).toBeGreaterThan(25);
    expect(functionsOfSdk(block(sdk, 'export interface Host'))).toEqual(expected);
  });

  it('has the types of the WIT', () => {
    const types = block(wit, 'interface types');
    expect(tags(between(sdk, 'type WitField =', 'export type WitFieldType'))).toEqual(
      cases(block(types, 'variant tuple-field')),
    );
    expect(quoted(between(sdk, 'type WitFieldType =', ';'))).toEqual(cases(block(types, 'enum field-type')));
    expect(tags(between(sdk, 'type WitPatternField =', 'export type WitTuple'))).toEqual(
      cases(block(types, 'variant pattern-field')),
    );
  });

  it('is compared by something that sees a difference', () => {
    const changed = wit.replace('tuplespace-count: func(pattern: pattern)', 'tuplespace-count: func(pattern: string)');
    expect(functionsOfWit(block(changed, 'interface host'))).not.toEqual(
      functionsOfSdk(block(sdk, 'export interface Host')),
    );
  });
});

function functionsOfWit(text: string): string[] {
  const found = text.matchAll(/^ {2}([a-z-]+): func\((.*)\)(?: -> (.+))?;$/gm);
  return [...found].map(([, name = '', parameters = '', result = '_']) => {
    const list = parameters.split(', ').filter((each) => each !== '');
    return `${camel(name)}(${list.map(parameter).join(', ')}): ${typeOf(result)}`;
  });
}

function parameter(text: string): string {
  const [name = '', type = ''] = text.split(': ');
  return `${camel(name)}: ${typeOf(type)}`;
}

function functionsOfSdk(text: string): string[] {
  return [...text.matchAll(/^ {2}(\w+\(.*\): .+);$/gm)].map(([, found = '']) => found);
}

function typeOf(text: string): string {
  const [, outer, inner = ''] = /^(result|option|list|tuple)<(.*)>$/.exec(text) ?? [];
  switch (outer) {
    case 'result':
      return typeOf(inner.replace(/(, )?string$/, ''));
    case 'option':
      return `${typeOf(inner)} | null`;
    case 'list':
      return `readonly ${typeOf(inner)}[]`;
    case 'tuple':
      return `readonly [${inner.split(', ').map(typeOf).join(', ')}]`;
    default:
      return TYPES[text] ?? `no form of ${text}`;
  }
}

function camel(name: string): string {
  return name.replaceAll(/-(\w)/g, (_, letter: string) => letter.toUpperCase());
}

function block(text: string, head: string): string {
  const start = text.indexOf(`${head} {`);
  const indent = /^ */.exec(text.slice(text.lastIndexOf('\n', start) + 1))?.[0] ?? '';
  return start < 0 ? '' : text.slice(start, text.indexOf(`\n${indent}}`, start));
}

function between(text: string, start: string, end: string): string {
  const from = text.indexOf(start);
  return text.slice(from, text.indexOf(end, from + start.length));
}

function cases(text: string): string[] {
  return [...text.matchAll(/^ +([a-z-]+)(?:\(.*\))?,$/gm)].map(([, name = '']) => name);
}

function tags(text: string): string[] {
  return [...text.matchAll(/tag: '([a-z-]+)'/g)].map(([, name = '']) => name);
}

function quoted(text: string): string[] {
  return [...text.matchAll(/'([a-z-]+)'/g)].map(([, name = '']) => name);
}
