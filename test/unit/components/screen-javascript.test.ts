/** The second wall by itself: code of the generator's form, with and without something that a name could have added. */
import { describe, expect, it } from 'vitest';
import { screenJavascript } from '../../../packages/runtime/src/components/screen-javascript.ts';
import type { ScreenedJavascript } from '../../../packages/runtime/src/components/screen-javascript.ts';

const IMPORTS = [
  { name: 'plexspaces:actor/host@0.1.0', isInstance: true },
  { name: 'wasi:cli/exit@0.2.9', isInstance: true },
];

function generated(body: string, after = ''): string {
  return `"use components";
export function instantiate(getCoreModule, imports, instantiateCore = (module, importObject) => new WebAssembly.Instance(module, importObject)) {
const { log, nowMillis: now } = imports['plexspaces:actor/host'];
const module0 = getCoreModule('component.core.wasm');
let exports0, exports1;
({ exports: exports0 } = instantiateCore(module0, { env: { log } }));
${body}
const actor010 = { init: log, handleRequest: log, handleMessage: now, snapshotState: log, shutdown: log };
return { actor: actor010, 'plexspaces:actor/actor@0.1.0': actor010 };
};
export const _util = {
};
${after}`;
}

function screen(body: string, after?: string): ScreenedJavascript {
  return screenJavascript(generated(body, after), IMPORTS);
}

function refusal(reason: string): unknown {
  return expect.objectContaining({ code: 'INVALID_ARGUMENT', reason });
}

describe('screenJavascript takes what the generator writes', () => {
  it.each([
    "const x = exports0['plexspaces:actor/actor@0.1.0#init'];",
    'const x = [1, 2]; x[x[0] + 1]; x[1](2);',
    "const x = { 'a-b.c': 1, d: 2 }; x.d;",
    'const g = globalThis.WebAssembly;',
    'class A { constructor(x) { this.#p = x; } #p; }',
    "switch (exports0) { case 'constructor': break; }",
    'throw new TypeError(`invalid ${exports0} "quoted" \\\'text\\\'`);',
  ])('%s', (body) => {
    expect(screen(body).instantiations).toEqual(['component.core.wasm']);
  });

  it('counts an instance for each instantiation', () => {
    expect(screen('({ exports: exports1 } = instantiateCore(module0, {}));').instantiations).toHaveLength(2);
  });
});

describe('screenJavascript refuses what a name could add', () => {
  it.each([
    ['a free name', 'process.exit();'],
    ['another free name', 'fetch("http://127.0.0.1/");'],
    ['require', 'require("fs");'],
    ['eval', 'eval("1");'],
    ['Function', 'new Function("1")();'],
    ['globalThis under another key', 'globalThis.process;'],
    ['globalThis as a value', 'const g = globalThis;'],
    ['globalThis with a computed key', 'globalThis[exports0];'],
    ['globalThis taken apart', 'const { process: p } = globalThis;'],
    ['a declaration that hides a global', '{ let process; } process.exit();'],
    ['an assignment that hides a global', 'fetch = 1; fetch();'],
    ['constructor by a dot', 'exports0.constructor;'],
    ['constructor by a key', "exports0['constructor'];"],
    ['constructor as a value', "const k = 'constructor'; exports0[k];"],
    ['constructor taken out', 'const { constructor: c } = exports0;'],
    ['__proto__', 'exports0.__proto__;'],
    ['a key put together', "exports0['con' + 'structor'];"],
    ['a key from a template', 'exports0[`constructor`];'],
    ['a call by a key in quotes', "exports0['run']();"],
    ['a key with a quote', 'exports0["it\'s"];'],
    ['a key with a line break', 'const x = { "a\\nb": 1 };'],
    ['import()', 'import("node:fs");'],
    ['import.meta', 'import.meta.url;'],
    ['new.target', 'new.target;'],
    ['a tagged template', 'exports0`x`;'],
    ['a regular loop over keys', 'for (const k in exports0) log(k);'],
    ['the imports under another use', 'log(imports);'],
    ['getCoreModule under another use', 'log(getCoreModule);'],
    ['an instantiation in another form', "instantiateCore(getCoreModule('component.core2.wasm'), {});"],
    ['broken code', 'const = ;'],
  ])('%s', (_what, body) => {
    expect(() => screen(body)).toThrow(refusal('UNSAFE_NAME'));
  });

  it.each([
    ['an import', 'import "node:fs";'],
    ['an export', 'export default 1;'],
    ['a statement', 'log();'],
    ['a re-export', 'export * from "node:fs";'],
  ])('%s beside the function', (_what, after) => {
    expect(() => screen('', after)).toThrow(refusal('UNSAFE_NAME'));
  });
});

describe('screenJavascript refuses what does not exist', () => {
  it('an interface that the component does not declare', () => {
    const body = "const { getStdin } = imports['wasi:cli/stdin'];";
    expect(() => screen(body)).toThrow(refusal('FOREIGN_IMPORT'));
    expect(() => screen("const { exit } = imports['wasi:cli/exit'];")).not.toThrow();
  });

  it('a host function that is not in the WIT', () => {
    const body = "const { formatDisk } = imports['plexspaces:actor/host'];";
    expect(() => screen(body)).toThrow(/plexspaces:actor\/host@0\.1\.0#formatDisk/);
    expect(() => screen("const { ask } = imports['plexspaces:actor/host'];")).not.toThrow();
  });

  it('an actor without one of its functions, which is named', () => {
    const source = generated('').replace('shutdown: log', 'shutUp: log');
    expect(() => screenJavascript(source, IMPORTS)).toThrow(/found no shutdown/);
  });
});

describe('debug statements', () => {
  const noisy = `const _debugLog = (...args) => { if (!globalThis?.process?.env?.JCO_DEBUG) { return; } console.debug(...args); };
    if (exports0) _debugLog('[x] args', { a: exports0 });
    switch (exports0) { case 1: _debugLog('one'); break; default: { _debugLog('nested', () => { _debugLog('inner'); }); } }`;

  it('are cut out, with their definition, and the rest runs', () => {
    const { javascript } = screen(noisy);
    expect(javascript).not.toContain('_debugLog');
    expect(javascript).toContain('if (exports0) ;');
    expect(() => screenJavascript(javascript, IMPORTS)).not.toThrow();
  });

  it('leave a use of another form to the rules', () => {
    expect(() => screen(`${noisy} log(_debugLog);`)).toThrow(refusal('UNSAFE_NAME'));
  });
});
