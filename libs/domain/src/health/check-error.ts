import type { AttemptEnd } from '../session/end-reason.js';

/** Why a check failed. */
export type CheckFailure =
  | Extract<
      AttemptEnd,
      'name not resolved' | 'connect refused' | 'unreachable' | 'dial timeout' | 'egress denied' | 'client gone'
    >
  | 'no greeting'
  | 'rejected';

const SENTENCES: Record<CheckFailure, string> = {
  'name not resolved': 'name not resolved',
  'connect refused': 'refused',
  unreachable: 'unreachable',
  'dial timeout': 'timed out',
  'egress denied': "egress denied by this relay's operator",
  'client gone': 'given up',
  'no greeting': 'no greeting',
  rejected: 'rejected by the service',
};

/** Failures that are evidence about the resource; others are caused by a session's client or its relay. */
export const isCheckFailure = (reason: string): reason is CheckFailure =>
  Object.hasOwn(SENTENCES, reason) && reason !== 'client gone';

/** A failure as people read it, such as `refused (10.0.0.7:5432: ECONNREFUSED)`. */
export const checkError = (failure: CheckFailure, detail: string): string => `${SENTENCES[failure]} (${detail})`;
