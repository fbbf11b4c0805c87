/** What the form of a hold has: texts as they are typed, and local times as the browser's fields have them. */
export interface HoldForm {
  readonly account: string;
  readonly resource: string;
  readonly since: string;
  readonly until: string;
  readonly reason: string;
}

/** What the API is told; empty texts hold everything. @throws Error, in words for who typed it, if the reason is missing or a time cannot be read */
export function bodyOf({ account, resource, since, until, reason }: HoldForm) {
  if (reason.trim() === '') throw new Error('say why, for whoever releases it');
  const text = (typed: string) => typed.trim() || null;
  return {
    ...{ account: text(account), resource: text(resource), reason: reason.trim() },
    ...{ since: timeOf(since), until: timeOf(until) },
  };
}

function timeOf(typed: string): string | null {
  if (typed === '') return null;
  const at = new Date(typed);
  if (Number.isNaN(at.getTime())) throw new Error(`${typed} is not a time`);
  return at.toISOString();
}
