/**
 * The wait-for graph against a model that lets everybody go on who can: an ask is refused exactly where its asker would
 * never come to an end.
 */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { WaitGraph } from '../../../packages/runtime/src/host/wait-graph.ts';
import type { Activity, AskTarget } from '../../../packages/runtime/src/host/wait-graph.ts';

/** Actors that handle one message at a time share the workers of `keyed`. */
const WORKERS: Readonly<Record<string, number>> = { keyed: 3, pool: 2, single: 1 };
const TARGETS: readonly AskTarget[] = [
  ...['keyed/a', 'keyed/b', 'keyed/c', 'keyed/d'].map((actor) => ({ actor, service: 'keyed', isExclusive: true })),
  { actor: 'pool', service: 'pool', isExclusive: false },
  { actor: 'single', service: 'single', isExclusive: false },
];

describe('a message that asks', () => {
  it('is refused where it would wait for itself, and only there', () => {
    const step = fc.record({ target: fc.constantFrom(...TARGETS), who: fc.nat(7), isStarted: fc.boolean() });
    let refused = 0;
    fc.assert(
      fc.property(fc.array(step, { maxLength: 25 }), (steps) => {
        const world = new World();
        for (const { target, who, isStarted } of steps) {
          const asker = world.running[who];
          if (asker === undefined || asker.asks !== undefined) world.begin(target, undefined);
          else if (!world.ask(asker, target)) refused += 1;
          else if (isStarted) world.begin(target, asker);
        }
      }),
      { numRuns: 500 },
    );
    expect(refused).toBeGreaterThan(50); // the steps do lead there
  });

  it('names the chain, and may ask again', () => {
    const graph = new WaitGraph({ maxWorkers: () => 4 });
    const [a, b] = TARGETS;
    if (a === undefined || b === undefined) throw new Error('no targets');
    const [first, second] = [graph.begin(a, true), graph.begin(b, true)];
    graph.ask(first, b);
    const refusal = { code: 'FAILED_PRECONDITION', reason: 'CALL_CYCLE' };
    const details = expect.objectContaining({ chain: 'keyed/b -> keyed/a -> keyed/b' });
    expect(() => graph.ask(second, a)).toThrow(expect.objectContaining({ ...refusal, details }));
    expect(second.asks).toBeUndefined();
    graph.answered(first);
    graph.ask(second, a);
  });
});

class World {
  readonly #graph = new WaitGraph({ maxWorkers: (service) => WORKERS[service] ?? 0 });
  readonly running: Activity[] = [];

  /** Begins to handle a message, of an asker or of nobody, where there is room. */
  begin(target: AskTarget, asker: Activity | undefined): void {
    if (!isRoomFor(target, this.running)) return;
    const activity = this.#graph.begin(target, true);
    if (asker !== undefined) asker.answeredBy = activity;
    this.running.push(activity);
  }

  /** @returns whether it was let; and sees that the model says the same. */
  ask(asker: Activity, target: AskTarget): boolean {
    const wouldEnd = endsIn({ ...asker, asks: target }, asker, this.running);
    let isLet = true;
    try {
      this.#graph.ask(asker, target);
    } catch {
      isLet = false;
    }
    if (isLet !== wouldEnd) throw new Error(`expected ${wouldEnd}, found ${isLet}`); // fast-check shows the steps
    return isLet;
  }
}

/** Whether the changed activity comes to an end, when all go on who can, again and again. */
function endsIn(changed: Activity, original: Activity, running: readonly Activity[]): boolean {
  let left = running.map((each) => (each === original ? changed : { ...each }));
  for (const each of left) {
    const index = each.answeredBy === undefined ? -1 : running.indexOf(each.answeredBy);
    each.answeredBy = index < 0 ? undefined : left[index];
  }
  for (let before = -1; before !== left.length && left.includes(changed);) {
    before = left.length;
    left = left.filter((each) => !isOver(each, left));
  }
  return !left.includes(changed);
}

function isOver({ asks, answeredBy }: Activity, left: readonly Activity[]): boolean {
  if (asks === undefined) return true;
  return answeredBy === undefined ? isRoomFor(asks, left) : !left.includes(answeredBy);
}

function isRoomFor({ actor, service, isExclusive }: AskTarget, left: readonly Activity[]): boolean {
  const isHeld = isExclusive && left.some((each) => each.actor === actor);
  return !isHeld && left.filter((each) => each.service === service).length < (WORKERS[service] ?? 0);
}
