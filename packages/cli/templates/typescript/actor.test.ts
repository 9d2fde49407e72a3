/** The actor without a node: `npm test` in this directory. */
import assert from 'node:assert/strict';
import { beforeEach, describe, it } from 'node:test';
import { startActor, useFakeHost } from '@plexspaces/actor/testing';
import { actor } from './actor.ts';

describe('greeter', () => {
  beforeEach(() => {
    useFakeHost();
  });

  it('greets and counts', () => {
    const running = startActor(actor);
    assert.deepEqual(running.request('greet', { name: 'Ann' }), { text: 'Hello, Ann!', greeted: 1 });
    assert.deepEqual(running.request('greet', { name: 'Bob' }), { text: 'Hello, Bob!', greeted: 2 });
  });

  it('remembers over a restart', () => {
    const before = startActor(actor);
    before.request('greet', { name: 'Ann' });
    const after = startActor(actor, before.snapshot());
    assert.deepEqual(after.request('greet', { name: 'Bob' }), { text: 'Hello, Bob!', greeted: 2 });
  });

  it('refuses what is no name', () => {
    const running = startActor(actor);
    assert.throws(() => running.request('greet', { name: '' }), /^ActorError: name: expected a name, found ""$/);
    assert.throws(() => running.request('greet', { name: 7 }), /^ActorError: name: expected a name, found 7$/);
  });
});
