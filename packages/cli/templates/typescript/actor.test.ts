/** The actor without a node: `npm test` in this directory. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { startActor } from '@plexspaces/actor/testing';
import { actor } from './actor.ts';

test('it greets and counts', () => {
  const running = startActor(actor);
  assert.deepEqual(running.request('greet', { name: 'Ann' }), { text: 'Hello, Ann!', greeted: 1 });
  assert.deepEqual(running.request('greet', { name: 'Bob' }), { text: 'Hello, Bob!', greeted: 2 });
});

test('it remembers over a restart', () => {
  const running = startActor(actor);
  running.request('greet', { name: 'Ann' });
  const restarted = startActor(actor, running.snapshot());
  assert.deepEqual(restarted.request('greet', { name: 'Bob' }), { text: 'Hello, Bob!', greeted: 2 });
});

test('it refuses what is no name', () => {
  const running = startActor(actor);
  assert.throws(() => running.request('greet', { name: 7 }), /^ActorError: name: expected a name, found 7$/);
  assert.throws(() => running.request('greet', { name: '' }), /^ActorError: name: expected a name, found ""$/);
});
