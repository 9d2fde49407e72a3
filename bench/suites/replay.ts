/**
 * Recovery: how fast a journal is replayed, and how long the first caller of an actor waits for it, with and
 * without a snapshot. Each measurement is a node that was started anew, where other actors of the application
 * are already up; only the journal's own pages may still be in the machine's memory.
 */
import { join } from 'node:path';
import { builtApplication } from '../../test/support/built-actors.ts';
import { COUNTER_FILE } from '../support/counter.ts';
import { measure } from '../support/figures.ts';
import type { Case, Figure, Sample } from '../support/figures.ts';
import { InProcessNode } from '../support/in-process-node.ts';
import { NEVER } from '../support/manifests.ts';
import type { Bench, SuiteResult } from '../support/suite.ts';

interface Actor {
  readonly title: string;
  readonly service: string;
  readonly componentFile: string;
  readonly method: string;
  readonly payload: Uint8Array;
  readonly messages: number;
}

const KEY = 'measured';
const OTHER_KEY = 'other';
const IN_FLIGHT = 64;
/** Behind the snapshot: half of what the default lets come together. */
const TAIL = 50;
const WORKERS = { min: 1, max: 2 };

export async function replay(bench: Bench): Promise<SuiteResult> {
  const figures: Figure[] = [];
  for (const actor of await actorsOf(bench)) figures.push(...(await measureActor(actor, bench)));
  return { figures };
}

async function actorsOf({ isQuick }: Bench): Promise<Actor[]> {
  const python = await builtApplication('durable_calculator');
  return [
    {
      title: 'small component',
      service: 'bench.Counter.v1',
      componentFile: COUNTER_FILE,
      method: 'count',
      payload: new Uint8Array(16),
      messages: isQuick ? 5_000 : 100_000,
    },
    {
      title: 'Python',
      service: 'bench.Calculator.v1',
      componentFile: join(python, 'dist', 'durable_calculator.wasm'),
      method: 'add',
      payload: Buffer.from('{"operands":[1,2,3]}'),
      messages: isQuick ? 500 : 20_000,
    },
  ];
}

async function measureActor(actor: Actor, bench: Bench): Promise<Figure[]> {
  const directory = join(bench.directory, actor.service);
  const { title, messages } = actor;
  bench.progress(`${title}: ${messages} messages are journaled`);
  await journalMessages(directory, actor);
  const whole = `${title}, recovery of ${messages.toLocaleString('en')} messages without a snapshot`;
  const fromJournal = await measure([recoveryCase(whole, directory, actor, messages)], bench);
  await takeSnapshot(directory, actor);
  const restored = `${title}, recovery from a snapshot and ${TAIL} messages behind it`;
  const fromSnapshot = await measure([recoveryCase(restored, directory, actor, TAIL)], bench);
  return [...fromJournal, ...fromSnapshot];
}

async function journalMessages(directory: string, actor: Actor): Promise<void> {
  await using node = await InProcessNode.start(directory);
  await node.deploy(actor.service, actor.componentFile, { workers: WORKERS, durability: NEVER });
  await send(node, actor, actor.messages);
}

async function takeSnapshot(directory: string, actor: Actor): Promise<void> {
  await using node = await InProcessNode.start(directory);
  await node.checkpoint(actor.service, KEY);
  await send(node, actor, TAIL);
}

async function send(node: InProcessNode, actor: Actor, messages: number): Promise<void> {
  let left = messages;
  const sendSome = async (): Promise<void> => {
    while (left > 0) {
      left -= 1;
      await node.invoke(actor.service, KEY, actor.method, actor.payload);
    }
  };
  await Promise.all(Array.from({ length: IN_FLIGHT }, sendSome));
}

/** The call that is measured is journaled too, so that every round has one message more than the one before. */
function recoveryCase(name: string, directory: string, actor: Actor, atLeast: number): Case {
  return { name, unit: 'ms', run: () => recover(directory, actor, atLeast) };
}

async function recover(directory: string, { service, method, payload }: Actor, atLeast: number): Promise<Sample> {
  await using node = await InProcessNode.start(directory);
  await node.invoke(service, OTHER_KEY, method, payload);
  const startedAt = performance.now();
  await node.invoke(service, KEY, method, payload);
  const elapsedMs = performance.now() - startedAt;
  const replayed = node.replayed(service, KEY);
  if (replayed < atLeast) throw new Error(`${service}: expected ${atLeast} replayed messages, found ${replayed}`);
  return { value: elapsedMs, details: { replayed, messagesPerSecond: (replayed / elapsedMs) * 1000 } };
}
