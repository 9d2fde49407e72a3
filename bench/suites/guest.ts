/**
 * A call of the small component within its thread: what is left when nothing is sent, recorded or waited for.
 * With many instances in a thread it is dearer, because each has functions and WebAssembly exports of its own, for
 * which V8's caches have no room; so each measurement has a thread of its own, where there are no others.
 */
import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import type { LoadedComponent } from '../../packages/runtime/src/components/component-store.ts';
import { loadEcho } from '../../test/support/echo.ts';
import type { GuestThreadData } from '../processes/guest-thread.ts';
import { measure } from '../support/figures.ts';
import type { Case } from '../support/figures.ts';
import { parseSample } from '../support/sample.ts';
import type { Bench, SuiteResult } from '../support/suite.ts';

const GUEST_THREAD = new URL('../processes/guest-thread.ts', import.meta.url);
const INSTANCES = [1, 8, 64];

export async function guest(bench: Bench): Promise<SuiteResult> {
  await using loaded = await loadEcho();
  const cases = INSTANCES.map((instances) => callCase(loaded.component, instances, bench.durationMs));
  return { figures: await measure(cases, bench) };
}

function callCase(component: LoadedComponent, instances: number, durationMs: number): Case {
  return {
    name: instances === 1 ? 'one instance' : `${instances} instances in turn`,
    unit: 'CPU µs a call',
    run: async () => {
      const workerData: GuestThreadData = { component, instances, durationMs };
      const thread = new Worker(GUEST_THREAD, { workerData });
      try {
        const [message]: unknown[] = await once(thread, 'message');
        return parseSample(message);
      } finally {
        await thread.terminate();
      }
    },
  };
}
