/**
 * From a place in the bundle that the build made to the author's line. The build leaves a part of the bundle's source
 * map in the component; it is read when something is thrown for the first time.
 *
 * Format: https://tc39.es/ecma426/.
 */

export interface BundleMap {
  /** From the author's directory. */
  readonly sources: readonly string[];
  /** Of the author's own sources, by their index; what lies beside is the SDK's or a package's. */
  readonly own: readonly number[];
  readonly mappings: string;
}

export interface Place {
  readonly file: string;
  readonly line: number;
  readonly isOwn: boolean;
}

/** Column in the bundle, source, line; columns and lines from 0. */
type Segment = readonly [column: number, source: number, line: number];

const DIGITS = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/';
const CONTINUES = 32;

export class SourceMap {
  readonly #map: BundleMap;
  #lines: readonly (readonly Segment[])[] | undefined;

  constructor(map: BundleMap) {
    this.#map = map;
  }

  /** @param line,column from 1, as stacks have them. */
  find(line: number, column: number): Place | undefined {
    this.#lines ??= readMappings(this.#map.mappings);
    const segment = (this.#lines[line - 1] ?? []).findLast(([start]) => start < column);
    const file = segment === undefined ? undefined : this.#map.sources[segment[1]];
    if (segment === undefined || file === undefined) return undefined;
    return { file, line: segment[2] + 1, isOwn: this.#map.own.includes(segment[1]) };
  }
}

/** Each number is a difference to the one before; the column begins again with each line. */
function readMappings(text: string): Segment[][] {
  let source = 0;
  let line = 0;
  return text.split(';').map((lineText) => {
    let column = 0;
    return lineText.split(',').flatMap((segmentText): Segment[] => {
      const [byColumn, bySource, byLine] = readNumbers(segmentText);
      if (byColumn === undefined) return [];
      column += byColumn;
      source += bySource ?? 0;
      line += byLine ?? 0;
      return bySource === undefined ? [] : [[column, source, line]];
    });
  });
}

/** Base64 digits of 5 bits, the least first; the lowest bit of the whole is the sign. */
function readNumbers(text: string): number[] {
  const numbers: number[] = [];
  let value = 0;
  let shift = 0;
  for (const character of text) {
    const digit = DIGITS.indexOf(character);
    value |= (digit & (CONTINUES - 1)) << shift;
    shift += 5;
    if (digit >= CONTINUES) continue;
    numbers.push(value & 1 ? -(value >>> 1) : value >>> 1);
    value = 0;
    shift = 0;
  }
  return numbers;
}
