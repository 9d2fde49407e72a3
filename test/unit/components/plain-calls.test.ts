/** Calls without tasks: only where nothing could ever ask for one. */
import { describe, expect, it } from 'vitest';
import { plainCalls } from '../../../packages/runtime/src/components/plain-calls.ts';

interface Actor {
  handleRequest(value: number): number;
  readonly made: () => number;
  leave(mayLeave: boolean): void;
}

/** In the form of the generator. */
const GENERATED = `"use components";
export function instantiate(imports) {
  let made = 0, mayLeave = true;
  const tasks = [];
  class Task { constructor() { made += 1; } id() { return made; } componentIdx() { return 0; } exit() { tasks.pop(); } }
  function createNewCurrentTask({ componentIdx, isAsync }) { tasks.push(new Task()); return [tasks.at(-1), tasks.length]; }
  function getCurrentTask(componentIdx, taskID) { return tasks.at(-1) && { task: tasks.at(-1) }; }
  function _getGlobalCurrentTaskMeta(componentIdx) { return { taskID: tasks.length }; }
  function _withGlobalCurrentTaskMeta(args) { return args.fn(); }
  function _checkMayLeave(componentIdx) { if (!mayLeave) throw new Error('may not leave ' + componentIdx); }
  function _lowerImportBackwardsCompat(args) {
    _checkMayLeave(args.componentIdx);
    new Task();
    return args.importFn(...[...arguments].slice(1));
  }
  const { nowMillis } = imports['plexspaces:actor/host'];
  const _trampoline0 = function (arg0) {
    const results = createNewCurrentTask({ componentIdx: -1, isAsync: false });
    const ret = _withGlobalCurrentTaskMeta({ taskID: results[0].id(), componentIdx: 0, fn: () => nowMillis(arg0) });
    results[0].exit();
    return ret;
  };
  let trampoline0 = _trampoline0.manuallyAsync ? new Suspending(_lowerImportBackwardsCompat.bind(null, {})) : _lowerImportBackwardsCompat.bind(
    null, { componentIdx: 0, isAsync: false, funcTypeIsAsync: false, importFn: _trampoline0 });
  function handleRequest(value) {
    const [task, id] = createNewCurrentTask({ componentIdx: 0, isAsync: false, preserveFutureResult: false });
    return _withGlobalCurrentTaskMeta({ taskID: task.id(), componentIdx: task.componentIdx(), fn: () => {
      const ret = trampoline0(value);
      task.exit();
      return ret;
    } });
  }
  return { handleRequest, made: () => made, leave: (may) => { mayLeave = may; } };
}`;

async function start(code: string): Promise<Actor> {
  const module: { instantiate(imports: object): Actor } = await import(
    /* @vite-ignore */ `data:text/javascript,${encodeURIComponent(code)}`
  );
  return module.instantiate({ 'plexspaces:actor/host': { nowMillis: (value: number) => value + 1 } });
}

describe('calls of what has nothing asynchronous', () => {
  it('give the same, and make no task', async () => {
    const [plain, before] = [await start(plainCalls(GENERATED)), await start(GENERATED)];
    expect([plain.handleRequest(41), before.handleRequest(41)]).toEqual([42, 42]);
    expect([plain.made(), before.made()]).toEqual([0, 3]);
  });

  it('are refused where the guest may not leave, as before', async () => {
    for (const actor of [await start(plainCalls(GENERATED)), await start(GENERATED)]) {
      actor.leave(false);
      expect(() => actor.handleRequest(1)).toThrow('may not leave 0');
    }
  });
});

describe('code is left as it is', () => {
  it.each([
    ['an asynchronous import', GENERATED.replace('funcTypeIsAsync: false', 'funcTypeIsAsync: true')],
    ['an asynchronous export', GENERATED.replace('isAsync: false, preserve', 'isAsync: true, preserve')],
    ['another interface', GENERATED.replace("imports['plexspaces:actor/host']", "imports['wasi:io/streams']")],
    ['an interface that is not named', GENERATED.replace("imports['plexspaces:actor/host']", 'imports[name]')],
    ['a function for resources', GENERATED.replace('function handleRequest', 'const trampoline1 = drop; $&')],
    ['a way of lowering that is not known', GENERATED.replace(': _lowerImportBackwardsCompat', ': _lowerImport')],
    ['a function that is not found', GENERATED.replaceAll('getCurrentTask(', 'findCurrentTask(')],
    ['a name of ours', GENERATED.replace('let made', 'let $task, made')],
  ])('where there is %s', (_what, code) => {
    expect(code).not.toBe(GENERATED);
    expect(plainCalls(code)).toBe(code);
  });
});
