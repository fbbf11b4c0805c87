import { FACT_LIMITS, type SessionClosed } from '@sluice/contracts';
import { cleanText } from '@sluice/domain';

// Cleans and shortens texts from outside (the policy, the agent, the operating system) so that they pass the schemas of facts.

/** A name, an id or an address. */
export const nameText = <T extends string | null>(text: T): T => (text === null ? null : cleanText(text, FACT_LIMITS.name)) as T;

/** A message that explains something. */
export const messageText = <T extends string | null>(text: T): T =>
  (text === null ? null : cleanText(text, FACT_LIMITS.message)) as T;

/** Tags of a resource. */
export const factTags = (tags: Readonly<Record<string, string>>): Record<string, string> =>
  Object.fromEntries(
    Object.entries(tags)
      .slice(0, FACT_LIMITS.tags)
      .map(([key, value]) => [cleanText(key, FACT_LIMITS.tagKey), cleanText(value, FACT_LIMITS.tagValue)]),
  );

/** The person who ended a session, and their reason. */
export const endedBy = (by: NonNullable<SessionClosed['endedBy']>): SessionClosed['endedBy'] => ({
  id: nameText(by.id),
  email: nameText(by.email),
  why: messageText(by.why),
});
