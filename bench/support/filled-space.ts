/** A data directory with so many tuples in its space, each with a first field of its own. */
import { openDataDirectory } from '../../packages/runtime/src/store/data-directory.ts';
import { Spaces } from '../../packages/runtime/src/tuplespace/spaces.ts';

const SPACE = 'default';
const BATCH = 1_000;

export async function fillSpace(directory: string, tuples: number): Promise<void> {
  await using data = await openDataDirectory(directory, { sync: 'never' });
  const spaces = new Spaces();
  for (let number = 0; number < tuples; number += 1) {
    const fields = [
      { type: 'string', value: `other ${number}` },
      { type: 'int', value: BigInt(number) },
    ] as const;
    const lsn = data.writer.append(spaces.write(SPACE, fields, '').operations);
    if (number % BATCH === 0) await data.writer.stored(lsn);
  }
  await data.writer.stored(data.writer.lsn);
}
