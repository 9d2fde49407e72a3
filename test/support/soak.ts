/**
 * The quick form of a test, for every commit, and its long form: `npm run soak` sets PLEXSPACES_SOAK=1.
 * What a long run found is told in lines that `npm run soak` collects.
 */
export const IS_SOAK: boolean = process.env['PLEXSPACES_SOAK'] === '1';

const LONG_TIMEOUT_MS = 3_600_000;
const QUICK_TIMEOUT_MS = 180_000;

export const TEST_TIMEOUT_MS: number = IS_SOAK ? LONG_TIMEOUT_MS : QUICK_TIMEOUT_MS;

/** For a client among crashes: a disk that stands still for a while, as one does under load, is no finding. */
export const PATIENT = { connectTimeoutMs: 60_000, deadlineMs: 120_000 } as const;

export function quickOrLong(quick: number, long: number): number {
  return IS_SOAK ? long : quick;
}

/** One line on stdout: what was done, counted. */
export function tellFigures(name: string, figures: Readonly<Record<string, number | string>>): void {
  process.stdout.write(`figures ${JSON.stringify({ name, ...figures })}\n`);
}
