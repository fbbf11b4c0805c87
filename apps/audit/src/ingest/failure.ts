import type { AuditTrouble } from '@sluice/contracts';
import { cleanText } from '@sluice/domain';
import { isDataError } from '@sluice/persistence';
import { errorMessage } from '@sluice/process';
import { QueryFailedError } from 'typeorm';

/** Why facts are not stored. */
export interface Failure {
  readonly trouble: Exclude<AuditTrouble, 'housekeeping'>;
  /** For operators: the service's own readiness is not public. */
  readonly reason: string;
}

/** Errors of NATS's client, by the modules' own names. */
const OF_NATS =
  /^(JetStream|Consumer|Stream|NoResponders|Timeout|Request|Connection|ClosedConnection|Draining|Permission|Protocol)/;

/** Decides from an error which part of the system failed. */
export function failureOf(error: unknown): Failure {
  const words = cleanText(errorMessage(error), 300);
  if (isDataError(error)) return { trouble: 'fault', reason: `the audit service fails: ${words}` };
  if (error instanceof QueryFailedError || isSocketError(error)) return { trouble: 'database', reason: `PostgreSQL: ${words}` };
  if (error instanceof Error && OF_NATS.test(error.name)) return { trouble: 'stream', reason: `NATS: ${words}` };
  return { trouble: 'fault', reason: `the audit service fails: ${words}` };
}

/** Whether a connection could not be made. Only connections to PostgreSQL are made after the start; NATS's client keeps its own. */
const isSocketError = (error: unknown): boolean =>
  typeof (error as { syscall?: unknown }).syscall === 'string' ||
  (error instanceof AggregateError && error.errors.every(isSocketError)) ||
  /timeout exceeded|connection terminated|connection timeout/i.test((error as Error).message);
