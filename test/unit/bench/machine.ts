/** A machine that reports are of. */
import type { Machine } from '../../../bench/support/machine.ts';

export const MACHINE: Machine = {
  cpu: 'a CPU',
  cores: 2,
  memoryGiB: 8,
  system: 'Linux 6',
  node: 'v24',
  disk: 'ext4 on /dev/x',
  loadAverage: 0.5,
  commit: 'abc',
};
