/** Messaging: what an application without the capability is told. */
import { describe, expect, it } from 'vitest';
import { HostCalls } from '../../../packages/runtime/src/host/host-calls.ts';
import type { HostScope } from '../../../packages/runtime/src/host/scope.ts';
import { messagingImports } from '../../../packages/worker/src/host/messaging.ts';
import type { MessagingImports } from '../../../packages/worker/src/host/messaging.ts';
import { atOnce, underWay } from '../../support/host-answers.ts';
import { hostCallPorts } from '../../support/host-call-ports.ts';
import { joinedContext } from '../../support/host-context.ts';

const SCOPE: HostScope = {
  actor: 'test.Echo/one',
  address: { service: 'test.Echo', key: 'one' },
  isDurable: true,
  tenant: 'default',
  namespace: 'default',
  capabilities: new Set(),
};

describe('without the capability', () => {
  it.each<[string, (host: MessagingImports) => unknown]>([
    ['send-message', (host) => host.sendMessage('a.B', 'm', new Uint8Array())],
    ['ask', (host) => host.ask('a.B', 'm', new Uint8Array(), 5n)],
  ])('%s is refused', (name, call) => {
    const calls = new HostCalls(hostCallPorts());
    const answer = (request: Uint8Array): Uint8Array =>
      atOnce(calls.answer(request, { scope: SCOPE, underWay: underWay(), compose: () => [] }));
    const val = `PERMISSION_DENIED: ${name}: the application has no capability messaging`;
    expect(call(messagingImports(joinedContext({ answer })))).toEqual({ tag: 'err', val });
  });
});
