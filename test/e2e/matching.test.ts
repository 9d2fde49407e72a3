/** One table of cases, and four that speak to the space: the client, the command line, actors in Python and Rust. */
import { PlexSpacesError } from '@plexspaces/client';
import type { PlexSpacesClient } from '@plexspaces/client';
import { parseTupleText, tupleToOutput } from '@plexspaces/core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { RUST_GUEST } from '../fixtures/rust/guest.ts';
import { builtFixture } from '../support/built-actors.ts';
import { plexspacesJson } from '../support/command-line.ts';
import type { Daemon } from '../support/daemon.ts';
import { startDaemon, startFreshDaemon } from '../support/daemon.ts';
import { MATCHING_CASES, REFUSED_CASES } from '../support/matching-cases.ts';
import { until } from '../support/until.ts';
import { runHere } from '../unit/cli/run-command.ts';

const GUEST = 'test.TupleTable/one';
const RUST_ACTOR = 'test.RustTable/one';

let daemon: Daemon;
let client: PlexSpacesClient;

beforeAll(async () => {
  daemon = await startFreshDaemon();
  client = await daemon.connect();
  const component = await builtFixture('tuple_table');
  const deployed = ['deploy', component, '--name', 'table', '--service', 'test.TupleTable', '--kind', 'durable'];
  await plexspacesJson(deployed, { node: daemon.grpc });
  const inRust = ['deploy', RUST_GUEST, '--name', 'rust-table', '--service', 'test.RustTable', '--kind', 'durable'];
  await plexspacesJson(inRust, { node: daemon.grpc });
}, 120_000);

afterAll(async () => {
  client.close();
  await daemon.kill();
});

/** What each of them answers of a tuple and a pattern, in the same words. */
interface Answer {
  readonly count: number;
  /** How often it was found: by read, read-all, take. */
  readonly found: number;
  /** What was found is what was written, in all its types. */
  readonly same: boolean;
}

const SPEAKERS: readonly (readonly [name: string, check: (tuple: string, pattern: string) => Promise<Answer>])[] = [
  ['the client', checkByClient],
  ['the command line', checkByCommandLine],
  ['a Python actor', checkByGuest],
  ['a Rust actor', checkByRust],
];

describe.each(SPEAKERS)('%s', (_name, check) => {
  it.each(MATCHING_CASES)('$name: $matches', async ({ tuple, pattern, matches }) => {
    const expected = matches ? { count: 1, found: 3 } : { count: 0, found: 0 };
    expect(await check(tuple, pattern)).toEqual({ ...expected, same: true });
    expect(await client.tuples.count(anyOf(tuple))).toBe(0);
  });

  it.each(REFUSED_CASES)('refuses $name: $code', async ({ tuple, code }) => {
    const outcome = await check(tuple, '[]').catch((thrown: unknown) => PlexSpacesError.from(thrown));
    // What a value of the language cannot be does not reach the node.
    const accepted = check === checkByGuest || check === checkByRust ? [code, 'EXECUTION_ERROR'] : [code];
    expect(accepted).toContain(outcome instanceof PlexSpacesError ? outcome.code : outcome);
    expect(await client.tuples.count([])).toBe(0);
  });
});

describe('a subscription of a Python actor', () => {
  it('brings what is written as messages, over a kill, until it is ended', async () => {
    const subscribed = await client.invoke(GUEST, 'subscribe', { pattern: ['told', { '?': 'any' }] });
    const { id } = subscribed as { id: number };
    await client.tuples.write(['told', 1]);
    await client.tuples.write(['untold', 1]);
    await told([[`tuplespace/${id}`, 'told', 1]]);
    await daemon.kill();
    client.close();
    daemon = await startDaemon(daemon.dataDirectory);
    client = await daemon.connect();
    await client.tuples.write(['told', { float: 2 }]);
    await told([
      [`tuplespace/${id}`, 'told', 1],
      [`tuplespace/${id}`, 'told', { float: 2 }],
    ]);
    expect(await client.invoke(GUEST, 'unsubscribe', { id })).toEqual({ ended: true });
    expect(await client.invoke(GUEST, 'unsubscribe', { id })).toEqual({ ended: false });
    await client.tuples.write(['told', 3]);
    await client.invoke(GUEST, 'subscribe', { pattern: [{ '?': 'any' }] });
    await client.tuples.write(['last']);
    await untilTold((text) => text.includes('"last"'));
    expect(JSON.stringify(await client.invoke(GUEST, 'recall'))).not.toContain('"told",3');
  });
});

describe('a subscription of a Rust actor', () => {
  it('brings a tuple that it reads as values of its own types', async () => {
    const { id } = (await client.invoke(RUST_ACTOR, 'subscribe', { pattern: ['rust', { '?': 'float' }] })) as {
      id: number;
    };
    await client.tuples.write(['rust', 1]);
    await client.tuples.write(['rust', { float: 2 }]);
    const recalled = await until(
      async () => JSON.stringify(await client.invoke(RUST_ACTOR, 'recall')),
      (text) => text !== '{"told":[]}',
    );
    expect(JSON.parse(recalled)).toEqual({ told: [[`tuplespace/${id}`, 'rust', 2]] });
    expect(await client.invoke(RUST_ACTOR, 'unsubscribe', { id })).toEqual({ ended: true });
  });
});

async function told(expected: unknown): Promise<void> {
  const text = JSON.stringify({ told: expected });
  await untilTold((seen) => seen === text);
}

async function untilTold(isWanted: (text: string) => boolean): Promise<void> {
  await until(async () => JSON.stringify(await client.invoke(GUEST, 'recall')), isWanted);
}

async function checkByClient(tuple: string, pattern: string): Promise<Answer> {
  const { tuples } = client;
  await tuples.write(tuple);
  const count = await tuples.count(pattern);
  const found = [await tuples.read(pattern), ...(await tuples.readAll(pattern)), await tuples.take(pattern)];
  return { count, ...(await judged(tuple, found)) };
}

async function checkByCommandLine(tuple: string, pattern: string): Promise<Answer> {
  await command('write', tuple);
  const { count } = await command('count', pattern);
  const { tuple: read } = await command('read', pattern);
  const { tuples: all } = await command('read-all', pattern);
  const { tuple: taken } = await command('take', pattern);
  return { count: Number(count), ...(await judged(tuple, [read, ...(Array.isArray(all) ? all : []), taken])) };
}

async function checkByGuest(tuple: string, pattern: string): Promise<Answer> {
  return checkByActor(GUEST, tuple, pattern);
}

async function checkByRust(tuple: string, pattern: string): Promise<Answer> {
  return checkByActor(RUST_ACTOR, tuple, pattern);
}

async function checkByActor(actor: string, tuple: string, pattern: string): Promise<Answer> {
  const payload = Buffer.from(`{"tuple":${tuple},"pattern":${pattern}}`);
  return (await client.invoke(actor, 'check', payload)) as Answer;
}

/** Leaves nothing behind. */
async function judged(tuple: string, answers: readonly unknown[]): Promise<Omit<Answer, 'count'>> {
  const found = answers.filter((answer) => answer !== null);
  if (found.length === 0) await client.tuples.take(anyOf(tuple));
  const written = JSON.stringify(tupleToOutput(parseTupleText(tuple)));
  return { found: found.length, same: found.every((answer) => JSON.stringify(answer) === written) };
}

/** @throws what the command said. */
async function command(operation: string, fields: string): Promise<Record<string, unknown>> {
  const { code, stdout } = await runHere(['tuples', operation, fields, '--json', '--node', daemon.grpc]);
  const document: unknown = JSON.parse(stdout);
  if (code === 0) return document as Record<string, unknown>;
  const { error } = document as { error: { code: PlexSpacesError['code']; message: string } };
  throw new PlexSpacesError(error.code, error.message);
}

function anyOf(tuple: string): { readonly '?': 'any' }[] {
  const { length }: unknown[] = JSON.parse(tuple);
  return Array.from({ length }, () => ({ '?': 'any' }));
}
