/** Commit marks: a batch that the store lost shows, and marks go when their batch must be in a table. */
import { CommitMark } from '@plexspaces/proto';
import fc from 'fast-check';
import { beforeEach, describe, expect, it } from 'vitest';
import { frame } from '../../../packages/runtime/src/store/checksum.ts';
import { CommitMarks, EMPTY_LOG, findLogEnd } from '../../../packages/runtime/src/store/commit-marks.ts';
import { markKey } from '../../../packages/runtime/src/store/key-layout.ts';
import { LogWriter } from '../../../packages/runtime/src/store/log-writer.ts';
import { MemoryStore } from '../../../packages/runtime/src/store/memory-store.ts';
import type { StoreOperation } from '../../../packages/runtime/src/store/store.ts';
import { GatedStore } from '../../support/gated-store.ts';

const MIB = 1_048_576;

let store: MemoryStore;

beforeEach(() => {
  store = new MemoryStore();
});

describe('the end of the log', () => {
  it('is found where the last batch ended, over restarts', async () => {
    expect(await findLogEnd(store)).toEqual(EMPTY_LOG);
    await write(1n, [10, 20, 30]);
    expect(await findLogEnd(store)).toMatchObject({ lsn: 3n, epoch: 1n });
    await write(2n, [40]);
    const end = await findLogEnd(store);
    expect(end).toMatchObject({ lsn: 4n, epoch: 2n });
    expect(end.marks.map(({ lsn }) => lsn)).toEqual([1n, 2n, 3n, 4n]);
  });

  it('is not found behind any batch that is missing, but the last', async () => {
    const batches = await write(1n, [1, 1, 1, 1]);
    const without = batches.map(async (_lost, index) => {
      const rest = new MemoryStore();
      for (const batch of batches.toSpliced(index, 1)) await rest.batch(batch);
      return findLogEnd(rest);
    });
    const found = await Promise.allSettled(without);
    const last = found.pop();
    expect(found).toHaveLength(3);
    for (const [index, end] of found.entries()) {
      expect(end).toMatchObject({ status: 'rejected', reason: { code: 'DATA_LOSS', message: gap(index + 1) } });
    }
    expect(last).toMatchObject({ status: 'fulfilled', value: { lsn: 3n } }); // the watermark is there for the end
  });

  it('is not found where a mark is damaged or from elsewhere', async () => {
    await write(1n, [1, 1, 1]);
    await store.batch([{ type: 'put', key: markKey(2n), value: Uint8Array.of(1, 2, 3, 4, 5) }]);
    await expect(findLogEnd(store)).rejects.toMatchObject({ code: 'DATA_LOSS', message: /"w\/0+2": the checksum/ });
    const foreign = { epoch: 1n, previousLsn: 7n, oldestLsn: 7n, batchBytes: 0n };
    await store.batch([{ type: 'put', key: markKey(2n), value: frame(CommitMark.encode(foreign).finish()) }]);
    await expect(findLogEnd(store)).rejects.toMatchObject({ code: 'DATA_LOSS', message: gap(7) });
  });
});

describe('old marks', () => {
  it('go when 16 MiB were written behind them, a batch counted as 4 MiB at most, not before', async () => {
    await write(1n, [1, 4 * MIB, 4 * MIB, 4 * MIB]);
    expect(await keptMarks()).toEqual([1n, 2n, 3n, 4n]);
    await write(1n, [64 * MIB]); // its bytes count at the next
    expect(await keptMarks()).toEqual([1n, 2n, 3n, 4n, 5n]);
    await write(1n, [1]);
    expect(await keptMarks()).toEqual([2n, 3n, 4n, 5n, 6n]);
  });

  it('are kept as long as two logs may hold their batch, whatever the sizes, and are chained then as well', async () => {
    const size = fc.oneof(
      fc.integer({ min: 1, max: MIB }),
      fc.integer({ min: 3 * MIB, max: 4 * MIB }),
      fc.integer({ min: 4 * MIB, max: 40 * MIB }),
    );
    const restart = fc.integer({ min: 1, max: 40 });
    await fc.assert(
      fc.asyncProperty(fc.array(size, { minLength: 1, maxLength: 120 }), restart, async (sizes, every) => {
        store = new MemoryStore();
        const logs = new Logs();
        for (let start = 0; start < sizes.length; start += every) {
          const some = sizes.slice(start, start + every);
          await write(BigInt(start + 1), some, (lsn, bytes) => logs.add(lsn, bytes));
          const kept = await keptMarks();
          expect(kept[0]).toBeLessThanOrEqual(logs.oldest);
          expect(kept.at(-1)).toBe(BigInt(start + some.length));
        }
      }),
      { numRuns: 60 },
    );
  });
});

describe('a writer with marks', () => {
  it('puts one into each batch', async () => {
    const gated = new GatedStore(store);
    const writer = new LogWriter(gated, { marks: new CommitMarks(1n) });
    writer.append([put('a')]);
    writer.append([put('b')]);
    await writer.synced(writer.lsn);
    writer.append([put('c')]);
    await writer.synced(writer.lsn);
    const keys = gated.batches.map((batch) => batch.map(({ key }) => key));
    expect(keys).toEqual([
      ['a', 'b', markKey(2n)],
      ['c', markKey(3n)],
    ]);
  });
});

/** LevelDB's logs, as its sources have it: the model that the marks must cover. */
class Logs {
  readonly #logs: { readonly first: bigint; bytes: number }[] = [];

  add(lsn: bigint, bytes: number): void {
    const present = this.#logs.at(-1);
    if (present !== undefined && present.bytes < 4 * MIB) present.bytes += bytes;
    else this.#logs.push({ first: lsn, bytes });
    if (this.#logs.length > 2) this.#logs.shift();
  }

  get oldest(): bigint {
    return this.#logs[0]?.first ?? 0n;
  }
}

/** Batches of these sizes by a start of the node; what they put beside their marks is left out. */
async function write(
  epoch: bigint,
  sizes: readonly number[],
  told: (lsn: bigint, bytes: number) => void = () => undefined,
): Promise<StoreOperation[][]> {
  const end = await findLogEnd(store);
  const marks = new CommitMarks(epoch, end);
  const batches: StoreOperation[][] = [];
  for (const [index, bytes] of sizes.entries()) {
    const lsn = end.lsn + BigInt(index) + 1n;
    const batch: StoreOperation[] = [];
    marks.seal(batch, lsn, bytes);
    await store.batch(batch);
    batches.push(batch);
    told(lsn, bytes);
  }
  expect(marks.count).toBe((await keptMarks()).length);
  return batches;
}

async function keptMarks(): Promise<bigint[]> {
  return (await findLogEnd(store)).marks.map(({ lsn }) => lsn);
}

function gap(lsn: number): unknown {
  return expect.stringMatching(new RegExp(`^the log has a gap: expected the batch that ends with LSN ${lsn}, found`));
}

function put(key: string): StoreOperation {
  return { type: 'put', key, value: Uint8Array.of(1) };
}
