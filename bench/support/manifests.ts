/** How the measured applications are deployed, in this process and through gRPC alike. */
import type { Layout } from './suite.ts';

/** Later than any run lasts. */
export const NEVER = { checkpointEvery: 4_294_967_295, checkpointBytes: 1_073_741_824n, checkpointMs: 86_400_000n };

/** Actors stay in their threads where there is room for all: what it costs to change them is another figure. */
export function workersOf({ workers, residentActors }: Layout): { min: number; max: number; residentActors: number } {
  return { min: 1, max: workers, residentActors };
}

export function layoutNote({ workers, residentActors }: Layout): string {
  return `Actors live in at most ${workers} threads, up to ${residentActors} in each.`;
}
