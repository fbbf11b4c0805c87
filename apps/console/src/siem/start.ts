import { accept, type Outcome, refuse } from '@sluice/domain';

/** Where a reader begins, as it is chosen and typed. */
export interface Start {
  readonly kind: 'now' | 'time' | 'number';
  /** Local time, as the browser's field has it: `2026-11-27T09:00`. */
  readonly time: string;
  readonly number: string;
}

/** What the API is told about it; nothing: it begins now. */
export type StartBody = { fromTime?: string; fromNumber?: number };

/** Checks where a reader begins. */
export function readStart({ kind, time, number }: Start): Outcome<StartBody> {
  if (kind === 'now') return accept({});
  if (kind === 'number') {
    if (/^[1-9]\d{0,14}$/.test(number.trim())) return accept({ fromNumber: Number(number) });
    return refuse('siem_start_invalid', 'the number is a whole number, from 1 on', 'fromNumber', number);
  }
  const at = new Date(time);
  if (Number.isNaN(at.getTime())) return refuse('siem_start_invalid', 'say since which time', 'fromTime', time);
  return accept({ fromTime: at.toISOString() });
}

/** Patterns of subjects as they are typed, with commas or spaces between them. */
export const splitSubjects = (text: string): string[] => text.split(/[\s,]+/).filter((pattern) => pattern !== '');
