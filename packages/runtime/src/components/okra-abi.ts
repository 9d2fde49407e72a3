/**
 * What a plain core module must be like to serve calls: OKRA's convention, by names and types.
 *
 * `handle_request(method, its length, input, its length)` answers where its reply lies, address << 32 | length. Method
 * and input are written to what `allocate(length)` gives; all three are handed to `deallocate`, by their address alone
 * or with their length.
 */

/** The ABI's only memory, under this name. */
export const MEMORY_EXPORT = 'memory';

/** As the signature is written in messages. */
export interface AbiFunction {
  readonly name: string;
  readonly signatures: readonly string[];
  readonly isOptional?: boolean;
}

export const ABI_FUNCTIONS: readonly AbiFunction[] = [
  { name: 'handle_request', signatures: ['(i32, i32, i32, i32) -> (i64)'] },
  { name: 'allocate', signatures: ['(i32) -> (i32)'] },
  { name: 'deallocate', signatures: ['(i32) -> ()', '(i32, i32) -> ()'] },
  { name: '_initialize', signatures: ['() -> ()'], isOptional: true },
];
