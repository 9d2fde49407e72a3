/** Reads short texts of ASCII, most of them the same as the one before: a text costs more to make than to compare. */
const ascii = new TextDecoder();

export class TextReader {
  #last = '';

  read(bytes: Uint8Array, at: number, length: number): string {
    if (!this.#isLast(bytes, at, length)) this.#last = ascii.decode(bytes.slice(at, at + length));
    return this.#last;
  }

  #isLast(bytes: Uint8Array, at: number, length: number): boolean {
    const last = this.#last;
    if (last.length !== length) return false;
    for (let index = 0; index < length; index += 1) if (bytes[at + index] !== last.charCodeAt(index)) return false;
    return true;
  }
}
