/** Whose messages wait or are being handled, each for as long as its handling takes. */
export class PendingSenders {
  readonly #counts = new Map<string, number>();

  /** @returns its end. */
  begin(sender: string): () => void {
    this.#counts.set(sender, (this.#counts.get(sender) ?? 0) + 1);
    return () => {
      const left = (this.#counts.get(sender) ?? 0) - 1;
      if (left > 0) this.#counts.set(sender, left);
      else this.#counts.delete(sender);
    };
  }

  has(sender: string): boolean {
    return this.#counts.has(sender);
  }
}
