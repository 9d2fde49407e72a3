/** Core modules for tests, put together from bytes. */

/** A section: its id, the length of its contents (below 128 bytes), the contents. */
export function section(id: number, ...body: number[]): number[] {
  return [id, body.length, ...body];
}

export function coreModule(...sections: number[][]): Uint8Array {
  return Uint8Array.from([0x00, 0x61, 0x73, 0x6d, 0x01, 0x00, 0x00, 0x00, ...sections.flat()]);
}

/** One memory, exported as `m`. */
export function memoryModule(...type: number[]): Uint8Array {
  return coreModule(section(5, 1, ...type), section(7, 1, 1, 'm'.charCodeAt(0), 2, 0));
}
