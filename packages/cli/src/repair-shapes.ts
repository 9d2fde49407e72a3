/** What the commands that repair actors print. The keys of the documents are a contract with scripts. */
import type { ForkResult, QuarantinedMessage, RewindResult, StandingEffect } from '@plexspaces/client';
import { shownBytes, textOrBase64 } from './inspection-shapes.ts';
import { oneLine } from './output.ts';
import { table } from './shapes.ts';

/** `branch` is null where there was nothing to cut off. */
export function rewindDocument(result: RewindResult): object {
  const { sequence, branch, cutMessages, standingEffects, standingEffectCount } = result;
  return { sequence, branch: branch ?? null, cutMessages, standingEffects, standingEffectCount };
}

export function rewindText(address: string, result: RewindResult): string {
  const { sequence, branch, cutMessages, standingEffects, standingEffectCount } = result;
  if (branch === undefined) return `nothing to do: message ${sequence} is the last one of ${address}`;
  const head = `rewound ${address} to message ${sequence}; ${cutMessages} messages cut off, all of it kept as ${branch}`;
  if (standingEffectCount === 0) return head;
  const hidden = standingEffectCount - standingEffects.length;
  return [
    head,
    `what they did outside stands (${standingEffectCount}):`,
    ...standingEffects.map(effectLine),
    ...(hidden > 0 ? [`  and ${hidden} more`] : []),
  ].join('\n');
}

export function forkDocument({ id, sequence, replayed }: ForkResult): object {
  return { id, sequence, replayed };
}

export function forkText({ id, sequence, replayed }: ForkResult): string {
  return `made ${id} as of message ${sequence}; ${replayed} messages replayed`;
}

export function quarantineDocument(messages: readonly QuarantinedMessage[]): object {
  return {
    messages: messages.map((message) => {
      const { id, sequence, from, messageType, payloadSize, attempts, lastFailure, standingEffects } = message;
      const payload = textOrBase64(message.payload);
      const quarantinedAt = message.quarantinedAt?.toISOString() ?? null;
      const error = lastFailure;
      return { id, sequence, from, messageType, payload, payloadSize, attempts, error, quarantinedAt, standingEffects };
    }),
  };
}

export function quarantineTable(messages: readonly QuarantinedMessage[]): string {
  if (messages.length === 0) return 'no messages in quarantine';
  return table([
    ['ACTOR', 'SEQUENCE', 'MESSAGE', 'ATTEMPTS', 'SINCE', 'LAST FAILURE'],
    ...messages.map((message) => [
      message.id,
      String(message.sequence),
      oneLine(`${message.messageType} from ${message.from}: ${shownBytes(message.payload)}`),
      String(message.attempts),
      message.quarantinedAt?.toISOString() ?? '-',
      oneLine(`${message.lastFailure.code}: ${message.lastFailure.message}`),
    ]),
  ]);
}

function effectLine({ sequence, function: name }: StandingEffect): string {
  return `  ${sequence}  ${name}`;
}
