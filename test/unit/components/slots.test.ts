import { describe, expect, it } from 'vitest';
import { Slots } from '../../../packages/runtime/src/components/slots.ts';

const NEVER = new AbortController().signal;

function gate(): { readonly opened: Promise<void>; readonly open: () => void } {
  const { promise, resolve } = Promise.withResolvers<void>();
  return { opened: promise, open: resolve };
}

describe('Slots', () => {
  it('runs one at a time, in the order of asking', async () => {
    const slots = new Slots(1, 8, 'work');
    const order: string[] = [];
    const first = gate();
    const run = (name: string, until: Promise<void>): Promise<void> =>
      slots.with(async () => {
        order.push(`${name} in`);
        await until;
        order.push(`${name} out`);
      }, NEVER);
    const all = [run('a', first.opened), run('b', Promise.resolve()), run('c', Promise.resolve())];
    first.open();
    await Promise.all(all);
    expect(order).toEqual(['a in', 'a out', 'b in', 'b out', 'c in', 'c out']);
  });

  it('refuses who finds the line full, and serves on', async () => {
    const slots = new Slots(1, 1, 'work');
    const first = gate();
    const running = slots.with(() => first.opened, NEVER);
    const waiting = slots.with(() => Promise.resolve('b'), NEVER);
    await expect(slots.with(() => Promise.resolve(), NEVER)).rejects.toEqual(
      expect.objectContaining({ code: 'RESOURCE_EXHAUSTED', reason: 'QUEUE_FULL' }),
    );
    first.open();
    await running;
    expect(await waiting).toBe('b');
  });

  it('gives the slot back when the work fails', async () => {
    const slots = new Slots(1, 0, 'work');
    await expect(slots.with(() => Promise.reject(new Error('no')), NEVER)).rejects.toThrow('no');
    expect(await slots.with(() => Promise.resolve('yes'), NEVER)).toBe('yes');
  });

  it('lets who gives up leave the line, without costing another its place', async () => {
    const slots = new Slots(1, 8, 'work');
    const first = gate();
    const running = slots.with(() => first.opened, NEVER);
    const leaving = new AbortController();
    const left = slots.with(() => Promise.resolve('left'), leaving.signal);
    const waiting = slots.with(() => Promise.resolve('waited'), NEVER);
    leaving.abort();
    await expect(left).rejects.toEqual(expect.objectContaining({ code: 'CANCELLED' }));
    first.open();
    await running;
    expect(await waiting).toBe('waited');
  });

  it('an abort in the moment of its turn costs nobody a place', async () => {
    const slots = new Slots(1, 8, 'work');
    const leaving = new AbortController();
    const running = slots.with(() => Promise.resolve(), NEVER).then(() => leaving.abort());
    const turned = slots.with(() => Promise.resolve('turned'), leaving.signal);
    const last = slots.with(() => Promise.resolve('last'), NEVER);
    await running;
    await Promise.allSettled([turned]);
    expect(await last).toBe('last');
  });
});
