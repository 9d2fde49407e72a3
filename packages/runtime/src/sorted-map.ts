/** A map in the order of its keys, as sorted-btree has it: its CommonJS default is unwrapped here alone. */
import sortedBtree from 'sorted-btree';

export class SortedMap<K, V> extends sortedBtree.default<K, V> {
  constructor(compare: (a: K, b: K) => number) {
    super(undefined, compare);
  }
}
