/**
 * Host calls that wait: the guest's thread sleeps, the main thread parks what the guest asked for.
 *
 * Whatever brings the outcome about (a write, another actor's reply, time) settles the call. The guest's answer,
 * its record in a journal and what caused it are one append, so that no crash comes between them.
 */
import type { PlexSpacesError } from '@plexspaces/core';
import type { StoreOperation } from '../store/store.ts';
import type { HostEffect } from './scope.ts';

/** What a thread sleeps for: a tuple, or the reply of another actor. */
export type WaitsFor = 'tuple' | 'reply';

/** The guest's call as its thread sees it. */
export interface UnderWay {
  /** Aborted when the call is over without an answer: its thread ended. */
  readonly signal: AbortSignal;
  /** Until the deadline of the message that is being handled; at least 0. */
  readonly remainingMs: number;
}

export interface WaitingCall extends UnderWay {
  /** Names the call in all of its attempts; undefined where no journal keeps it from being made twice. */
  readonly callId: string | undefined;
  /**
   * Answers the guest. Once only: afterwards, and when the call is over, it gives nothing. Never throws.
   * @returns what has to be appended as one with whatever brought the outcome about.
   */
  settle(outcome: HostEffect | PlexSpacesError): readonly StoreOperation[];
  /** `settle` where nothing else is to be appended with it. */
  end(outcome: HostEffect | PlexSpacesError): void;
}

/** The effect of a host call that has to wait for it. */
export interface WaitingEffect {
  readonly waitsFor: WaitsFor;
  /** Parks it, until it is settled or its signal fires. */
  readonly begin: (waiting: WaitingCall) => void;
}

/** What a thread gets for the bytes of a host call: bytes, at once or later. */
export type HostAnswer = Uint8Array | WaitingAnswer;

export interface WaitingAnswer {
  readonly waitsFor: WaitsFor;
  /** Rejects only where the call is over. */
  readonly reply: Promise<Uint8Array>;
}
