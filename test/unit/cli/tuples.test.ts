/** `plexspaces tuples`: each operation as text and as a document, and a watch that a signal ends. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { tupleToMessage } from '@plexspaces/proto';
import type { TakeRequest, WriteRequest } from '@plexspaces/proto';
import { describe, expect, it } from 'vitest';
import { startFakeNode } from '../client/fake-node.ts';
import type { Answers } from '../client/fake-node.ts';
import { BIN, runHere } from './run-command.ts';

const A = tupleToMessage([{ type: 'string', value: 'a' }]);
const LEASE = 4_294_967_297n;

describe('tuples', () => {
  it.each<[string, string, string]>([
    ['write ["a"]', 'written', '{"written":true}'],
    ['write ["a"] --ttl-ms 5', `written, lease ${LEASE}`, `{"written":true,"lease":${LEASE}}`],
    [`renew ${LEASE} --ttl-ms 5`, 'renewed', '{"renewed":true}'],
    ['renew 7 --ttl-ms 5', 'not there any more', '{"renewed":false}'],
    ['read-all ["a"]', '["a"]\n["a"]', '{"tuples":[["a"],["a"]]}'],
    ['read-all ["a"] --limit 1', '["a"]', '{"tuples":[["a"]]}'],
    ['cas [{"?":"any"}] ["a"] ["b"]', 'swapped', '{"swapped":true}'],
    ['cas [{"?":"any"}] ["b"] ["a"]', 'not swapped', '{"swapped":false}'],
    ['take ["a"] --wait-ms 5', '["a"]', '{"tuple":["a"]}'],
  ])('%s', async (line, text, document) => {
    await using node = await startFakeNode(space());
    const args = ['tuples', ...line.split(' '), '--node', node.address];
    expect(await runHere(args)).toEqual({ code: 0, stdout: `${text}\n`, stderr: '' });
    expect(await runHere([...args, '--json'])).toEqual({ code: 0, stdout: `${document}\n`, stderr: '' });
  });

  it('hands on the idempotency key', async () => {
    const requests: (WriteRequest | TakeRequest)[] = [];
    const keep = async (request: WriteRequest | TakeRequest): Promise<object> => {
      requests.push(request);
      return {};
    };
    await using node = await startFakeNode({ tuples: { write: keep, take: keep } });
    for (const operation of ['write', 'take']) {
      await runHere(['tuples', operation, '["a"]', '--idempotency-key', 'k', '--node', node.address]);
    }
    expect(requests).toMatchObject([{ idempotencyKey: 'k' }, { idempotencyKey: 'k' }]);
  });

  it('watch prints one document a line, and ends cleanly at SIGINT', async () => {
    await using node = await startFakeNode(space());
    const child = spawn(process.execPath, [BIN, 'tuples', 'watch', '["a"]', '--json', '--node', node.address]);
    const lines: string[] = [];
    for await (const line of createInterface({ input: child.stdout })) {
      lines.push(line);
      if (lines.length === 2) child.kill('SIGINT');
    }
    expect(lines).toEqual(['{"tuple":["a"]}', '{"tuple":["a"]}']);
    expect(child.exitCode === null ? await once(child, 'exit') : [child.exitCode, null]).toEqual([0, null]);
  });

  it('watch fails where the node ends it', async () => {
    await using node = await startFakeNode({});
    expect(await runHere(['tuples', 'watch', '["a"]', '--node', node.address])).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('UNIMPLEMENTED'),
    });
  });
});

function space(): Answers {
  return {
    tuples: {
      write: async ({ ttlMs }) => ({ lease: ttlMs === undefined ? 0n : LEASE }),
      renew: async ({ lease }) => ({ renewed: lease === LEASE }),
      take: async ({ waitMs }) => (waitMs === 5n ? { tuple: A } : {}),
      readAll: async ({ limit }) => ({ tuples: limit === 1 ? [A] : [A, A] }),
      compareAndSwap: async ({ expected }) => ({ swapped: JSON.stringify(expected) === JSON.stringify(A) }),
      async *subscribe(_request, context) {
        context.header.set('plexspaces-subscribed', '1');
        context.sendHeader();
        yield { tuple: A };
        yield { tuple: A };
        await new Promise((resolve) => context.signal.addEventListener('abort', resolve));
      },
    },
  };
}
