/**
 * The doctor: what of a data directory is whole, told without changing anything in it. It looks at the records of
 * the database, at the chain of marks and the watermark, and at the modules of deployed applications.
 */
import { PlexSpacesError } from '@plexspaces/core';
import { ModuleFiles } from './components/module-files.ts';
import { StorePaths } from './components/store-paths.ts';
import { expectReached, pathsIn, readFacts } from './store/data-directory.ts';
import type { DataPaths } from './store/data-directory.ts';
import { applicationsIn, examineActors, examineRecords, messageOf } from './store/examination.ts';
import type { ExaminedApplication, Finding } from './store/examination.ts';
import { openScratchCopy } from './store/scratch-copy.ts';
import type { ScratchCopy } from './store/scratch-copy.ts';
import type { Store } from './store/store.ts';
import { readWatermark } from './store/watermark.ts';
import type { WatermarkValue } from './store/watermark.ts';

/**
 * One finding at a time, so that a directory of any size can be looked at.
 * @throws FAILED_PRECONDITION (DATA_DIRECTORY_IN_USE) while a node owns the directory.
 */
export async function* examineDataDirectory(path: string): AsyncGenerator<Finding> {
  const paths = pathsIn(path);
  const copy = await openOrExplain(paths);
  if (!('store' in copy)) {
    yield copy;
    return;
  }
  await using scratch = copy;
  yield* examine(paths, scratch.store);
}

async function* examine(paths: DataPaths, store: Store): AsyncGenerator<Finding> {
  const { mark, finding } = await examineWatermark(paths);
  yield finding;
  yield await examineLog(paths, store, mark);
  const modules = new ModuleFiles(new StorePaths(paths.components), Infinity);
  for await (const application of applicationsIn(store)) yield await examineApplication(application, modules);
  yield* examineActors(store);
  yield* examineRecords(store);
}

async function openOrExplain(paths: DataPaths): Promise<ScratchCopy | Finding> {
  try {
    return await openScratchCopy(paths.database);
  } catch (thrown) {
    const { code, message } = PlexSpacesError.from(thrown);
    if (code !== 'DATA_LOSS') throw thrown;
    return { check: 'database', name: '', facts: {}, problems: [message] };
  }
}

async function examineWatermark(paths: DataPaths): Promise<{ mark: WatermarkValue | undefined; finding: Finding }> {
  const base = { check: 'watermark', name: '' } as const;
  const unknown = { epoch: null, lsn: null };
  try {
    const mark = await readWatermark(paths.watermark);
    if (mark !== undefined) {
      return { mark, finding: { ...base, facts: { epoch: Number(mark.epoch), lsn: Number(mark.lsn) }, problems: [] } };
    }
    const problems = [`${paths.watermark}: expected a watermark, found none: the end of the log cannot be checked`];
    return { mark, finding: { ...base, facts: unknown, problems } };
  } catch (thrown) {
    return { mark: undefined, finding: { ...base, facts: unknown, problems: [messageOf(thrown)] } };
  }
}

async function examineLog(paths: DataPaths, store: Store, mark: WatermarkValue | undefined): Promise<Finding> {
  const base = { check: 'log', name: '' } as const;
  try {
    const { format, epoch, end } = await readFacts(store);
    const facts = { format: Number(format ?? 0n), epoch: Number(epoch), lsn: Number(end.lsn), marks: end.marks.length };
    return { ...base, facts, problems: mark === undefined ? [] : problemOf(() => expectReached(paths, mark, end)) };
  } catch (thrown) {
    return { ...base, facts: {}, problems: [messageOf(thrown)] };
  }
}

async function examineApplication(
  { key, record, problem }: ExaminedApplication,
  modules: ModuleFiles,
): Promise<Finding> {
  const base = { check: 'application', name: record?.applicationId ?? key } as const;
  if (record === undefined) return { ...base, facts: {}, problems: problem === undefined ? [] : [problem] };
  const facts = { version: record.version, moduleHash: record.moduleHash };
  try {
    await modules.verify(record.moduleHash);
    return { ...base, facts, problems: [] };
  } catch (thrown) {
    return { ...base, facts, problems: [messageOf(thrown)] };
  }
}

function problemOf(check: () => void): string[] {
  try {
    check();
    return [];
  } catch (thrown) {
    return [messageOf(thrown)];
  }
}
