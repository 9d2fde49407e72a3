/** Classes of generated code that all instances share: their states stay apart, and what is not understood stays put. */
import { describe, expect, it } from 'vitest';
import { shareClasses } from '../../../packages/runtime/src/components/shared-classes.ts';

interface Actor {
  init(): void;
  handleRequest(): unknown;
  handleMessage(): void;
  snapshotState(): object;
  shutdown(): void;
}

type Instantiate = (name: string) => Actor;

const ENTRIES = `
  function init() { new Task(); made.length = 0; }
  function handleRequest() { return new Task().report(); }
  function handleMessage() { new Task(); }
  function snapshotState() { return new Task(); }
  function shutdown() {}
`;

/** In the form of the generator: classes among the variables that they use. */
function generated(classes: string, variables = '', entries = ENTRIES): string {
  return `"use components";
export function instantiate(name) {
  let lastId = 0;
  const made = [];
  ${variables}
  function note(task) { made.push(task); return made.length; }
  ${classes}
  ${entries}
  return { init, handleRequest, handleMessage, snapshotState, shutdown };
}`;
}

const TASK = `class Task {
  static NONE = Symbol('none');
  #id = ++lastId;
  #resolve;
  constructor() {
    const { resolve, lastId = 7 } = Promise.withResolvers();
    this.#resolve = resolve;
    for (const made of [lastId]) this.seen = made;
    note(this);
  }
  report() { return { id: this.#id, made: made.length, seen: this.seen, kind: typeof this.#resolve, both: { made } }; }
}`;

async function load(code: string): Promise<Instantiate> {
  const module: { instantiate: Instantiate } = await import(
    /* @vite-ignore */ `data:text/javascript,${encodeURIComponent(code)}`
  );
  return module.instantiate;
}

describe('instances of shared classes', () => {
  it('keep their states apart, whichever of them is entered', async () => {
    const instantiate = await load(shareClasses(generated(TASK)));
    const [a, b] = [instantiate('a'), instantiate('b')];
    a.handleMessage();
    a.handleMessage();
    const shape = { seen: 7, kind: 'function' };
    expect(b.handleRequest()).toEqual({ id: 1, made: 1, ...shape, both: { made: [expect.anything()] } });
    expect(a.handleRequest()).toMatchObject({ id: 3, made: 3, ...shape });
    b.init();
    expect([a.handleRequest(), b.handleRequest()]).toMatchObject([
      { id: 4, made: 4 },
      { id: 3, made: 1 },
    ]);
  });

  it('have the same class, which they had not before', async () => {
    const classOf = (actor: Actor): unknown => Object.getPrototypeOf(actor.snapshotState());
    for (const [code, isShared] of [
      [generated(TASK), false],
      [shareClasses(generated(TASK)), true],
    ] as const) {
      const instantiate = await load(code);
      expect(classOf(instantiate('a')) === classOf(instantiate('b'))).toBe(isShared);
    }
  });

  it('are entered by what the actor is called by, not by what is called so', async () => {
    const renamed = ENTRIES.replace('function init()', 'function init(state) { return state; } function init$1()');
    const code = generated(TASK, '', renamed).replace('return { init,', 'return { init: init$1,');
    const instantiate = await load(shareClasses(code));
    const [a, b] = [instantiate('a'), instantiate('b')];
    a.handleMessage();
    b.handleMessage();
    a.init();
    expect([a.handleRequest(), b.handleRequest()]).toMatchObject([{ made: 1 }, { made: 2 }]);
  });

  it('are entered where the generator puts the entries: in a function of its own', async () => {
    const within = `return (function* () { ${ENTRIES} return { init, handleRequest, handleMessage, snapshotState, shutdown }; })().next().value;`;
    const code = generated(TASK, '', within).replace(/  return \{ init.*\n\}$/, '}');
    expect(shareClasses(code)).not.toBe(code);
    const instantiate = await load(shareClasses(code));
    const [a, b] = [instantiate('a'), instantiate('b')];
    a.handleMessage();
    expect([a.handleRequest(), b.handleRequest()]).toMatchObject([{ made: 2 }, { made: 1 }]);
  });

  it('find what is made while another one is instantiated in their own', async () => {
    const instantiate = await load(shareClasses(generated(TASK, '', `const first = new Task(); ${ENTRIES}`)));
    const a = instantiate('a');
    instantiate('b');
    expect(a.handleRequest()).toMatchObject({ id: 2, made: 2 });
  });
});

describe('code is left as it is', () => {
  it.each([
    ['a variable that others change too', generated(TASK, '', `${ENTRIES} function reset() { lastId = 0; }`)],
    [
      'a variable that others read while classes change it',
      generated(TASK, '', `${ENTRIES} const now = () => lastId;`),
    ],
    ['a variable that a loop sets', generated(TASK, 'let at; for (at of made);').replace('note(this)', 'note(at)')],
    ['a parameter', generated(TASK.replace('note(this)', 'note(name)'))],
    ['a variable of a block', generated(TASK.replace('note(this)', 'note(inner)'), '{ var inner = 1; }')],
    ['a function that asks who called it', generated(TASK).replace('made.push(task);', 'made.push(this);')],
    ['a class that is made of another', generated(`class Base {} ${TASK.replace('Task {', 'Task extends Base {')}`)],
    ['a static value that uses a variable', generated(TASK.replace("Symbol('none')", 'note(1)'))],
    ['a static value that uses another class', generated(`${TASK} class Other { static none = Task.NONE; }`)],
    ['no entry for one of the functions', generated(TASK, '', ENTRIES.replace('shutdown', 'shutUp'))],
    [
      'an entry that goes on after its end',
      generated(TASK, '', ENTRIES.replace('function init', 'async function init')),
    ],
    ['a name of ours', generated(TASK, 'const $scope = 1;')],
  ])('where there is %s', (_what, code) => {
    expect(shareClasses(code)).toBe(code);
    expect(shareClasses(generated(TASK))).not.toBe(generated(TASK));
  });
});
