/**
 * A shelf of the index: the tuples of one arity that agree in their first fields, from the oldest to the youngest.
 *
 * H1. Tuples come in the order of their age, so that the queue is in this order.
 * H2. A shelf that got long has, below it, one shelf for each value of the next field; what stands on it stands there too.
 * H3. A shelf below another one that got empty is gone: values come and go without end.
 */
import type { TupleField } from '@plexspaces/core';
import { fieldKey, MAX_INDEXED_FIELDS } from './field-key.ts';
import type { FieldKey } from './field-key.ts';
import { Fifo } from './fifo.ts';
import type { Link } from './fifo.ts';
import type { StoredTuple } from './stored-tuple.ts';

interface Above {
  readonly shelf: Shelf;
  readonly key: FieldKey;
}

/** Shorter shelves are looked through faster than a further one is kept. */
const LONG = 32;

export class Shelf extends Fifo<StoredTuple> {
  /** How many first fields its tuples agree in. */
  readonly depth: number;
  readonly #above: Above | undefined;
  #below: Map<FieldKey, Shelf> | undefined;

  constructor(depth = 0, above?: Above) {
    super();
    this.depth = depth;
    this.#above = above;
  }

  /** Here and on the shelves below (H2). @param stored younger than all that stand here (H1). */
  place(stored: StoredTuple): void {
    stored.links.push(this.append(stored));
    if (this.#below !== undefined) this.#placeBelow(stored);
    else if (this.size > LONG && this.depth < Math.min(stored.tuple.length, MAX_INDEXED_FIELDS)) this.#divide();
  }

  override remove(link: Link<StoredTuple>): void {
    super.remove(link);
    if (this.size > 0) return;
    this.#below = undefined;
    if (this.#above !== undefined) this.#above.shelf.#drop(this.#above.key);
  }

  /** Where tuples with this value of the next field stand: here or on a shelf below; undefined: there are none. */
  narrow(field: TupleField): Shelf | undefined {
    return this.#below === undefined ? this : this.#below.get(fieldKey(field));
  }

  /** H3 */
  #drop(key: FieldKey): void {
    this.#below?.delete(key);
  }

  #divide(): void {
    this.#below = new Map();
    for (let link = this.oldest; link !== undefined; link = link.younger) this.#placeBelow(link.value);
  }

  #placeBelow(stored: StoredTuple): void {
    const field = stored.tuple[this.depth];
    if (field === undefined || this.#below === undefined) return;
    const key = fieldKey(field);
    let shelf = this.#below.get(key);
    if (shelf === undefined) {
      shelf = new Shelf(this.depth + 1, { shelf: this, key });
      this.#below.set(key, shelf);
    }
    shelf.place(stored);
  }
}
