/** A measurement as it comes from another process or thread. */
import type { Sample } from './figures.ts';

export function parseSample(message: unknown): Sample {
  if (isSample(message)) return message;
  throw new Error(`expected a measurement, found ${JSON.stringify(message)}`);
}

function isSample(message: unknown): message is Sample {
  return typeof message === 'object' && message !== null && 'value' in message && typeof message.value === 'number';
}
