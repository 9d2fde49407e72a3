/**
 * The same work by the node and by what else one could use, in turn, in one run. The neighbours are installed from
 * npm, so that this suite runs only when it is asked for.
 */
import { join } from 'node:path';
import { COUNTER_NOTES, counterCases, counterRatios } from '../peers/counters.ts';
import { guestCallCases, guestCallRatios } from '../peers/guest-calls.ts';
import { PEER_VERSIONS, PeerPackages } from '../peers/packages.ts';
import { measure } from '../support/figures.ts';
import type { Bench, SuiteResult } from '../support/suite.ts';

export async function peers(bench: Bench): Promise<SuiteResult> {
  await using stack = new AsyncDisposableStack();
  bench.progress('the neighbours are installed');
  const packages = await PeerPackages.install(join(bench.cache, 'peers'));
  const cases = [...(await counterCases(packages, stack, bench)), ...(await guestCallCases(packages, stack, bench))];
  const figures = await measure(cases, bench);
  const parts = [counterRatios(figures), guestCallRatios(figures)];
  const versions = Object.entries(PEER_VERSIONS).map(([name, version]) => `${name} ${version}`);
  return {
    figures: [...figures, ...parts.flatMap((part) => part.figures)],
    goals: parts.flatMap(({ goals }) => goals),
    notes: [...COUNTER_NOTES, `Beside: ${versions.join(', ')}.`],
  };
}
