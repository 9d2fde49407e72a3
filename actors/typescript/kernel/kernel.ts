/** Work of four kinds for the benchmark: arithmetic, JSON there and back, tuples, nothing. */
import { ActorError, any, defineActor, tuples } from '@plexspaces/actor';
import type { Actor } from '@plexspaces/actor';

const KIND = 'kernel';

export const actor: Actor = defineActor({
  handlers: {
    json: (value) => value,
    sieve: ({ limit }: { readonly limit: number }) => ({ primes: primes(limit) }),
    tuples({ times }: { readonly times: number }) {
      for (let number = 0; number < times; number += 1) {
        tuples.write(KIND, number);
        tuples.take([KIND, any]);
      }
      return { times };
    },
  },
  anyRequest(payload, { method }) {
    if (method === 'echo') return payload;
    throw new ActorError(`unknown method: ${method}`);
  },
});

/** How many primes there are up to the limit, by the sieve of Eratosthenes. */
function primes(limit: number): number {
  const composite = new Uint8Array(limit + 1);
  let found = 0;
  for (let number = 2; number <= limit; number += 1) {
    if (composite[number] === 1) continue;
    found += 1;
    for (let multiple = number * number; multiple <= limit; multiple += number) composite[multiple] = 1;
  }
  return found;
}
