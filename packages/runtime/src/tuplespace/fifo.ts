/**
 * A queue out of which anything may leave: a list linked in both directions.
 *
 * (A Map or a Set is none: the holes at its head are passed over by each new iterator.)
 */
export interface Link<Value> {
  readonly value: Value;
  readonly queue: Fifo<Value>;
  older: Link<Value> | undefined;
  younger: Link<Value> | undefined;
}

export class Fifo<Value> {
  oldest: Link<Value> | undefined;
  #youngest: Link<Value> | undefined;
  size = 0;

  append(value: Value): Link<Value> {
    const link: Link<Value> = { value, queue: this, older: this.#youngest, younger: undefined };
    if (this.#youngest === undefined) this.oldest = link;
    else this.#youngest.younger = link;
    this.#youngest = link;
    this.size += 1;
    return link;
  }

  /** Each link once. */
  remove(link: Link<Value>): void {
    if (link.older === undefined) this.oldest = link.younger;
    else link.older.younger = link.younger;
    if (link.younger === undefined) this.#youngest = link.older;
    else link.younger.older = link.older;
    this.size -= 1;
  }
}
