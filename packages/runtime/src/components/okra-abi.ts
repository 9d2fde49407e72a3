/**
 * What a plain core module must be like to serve calls: OKRA's convention, by names and types.
 *
 * `handle_request(method, its length, input, its length)` answers where its reply lies, address << 32 | length. Method
 * and input are written to what `allocate(length)` gives; all three are handed to `deallocate`, by their address alone
 * or with their length. A test compares the WASI functions with those that the worker links.
 */
export const WASI_MODULE = 'wasi_snapshot_preview1';

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

export const WASI_FUNCTIONS: ReadonlySet<string> = new Set([
  'args_get',
  'args_sizes_get',
  'clock_res_get',
  'clock_time_get',
  'environ_get',
  'environ_sizes_get',
  'fd_advise',
  'fd_allocate',
  'fd_close',
  'fd_datasync',
  'fd_fdstat_get',
  'fd_fdstat_set_flags',
  'fd_fdstat_set_rights',
  'fd_filestat_get',
  'fd_filestat_set_size',
  'fd_filestat_set_times',
  'fd_pread',
  'fd_prestat_dir_name',
  'fd_prestat_get',
  'fd_pwrite',
  'fd_read',
  'fd_readdir',
  'fd_renumber',
  'fd_seek',
  'fd_sync',
  'fd_tell',
  'fd_write',
  'path_create_directory',
  'path_filestat_get',
  'path_filestat_set_times',
  'path_link',
  'path_open',
  'path_readlink',
  'path_remove_directory',
  'path_rename',
  'path_symlink',
  'path_unlink_file',
  'poll_oneoff',
  'proc_exit',
  'random_get',
  'sched_yield',
  'sock_accept',
  'sock_recv',
  'sock_send',
  'sock_shutdown',
]);
