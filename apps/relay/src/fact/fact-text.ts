import { FACT_LIMITS, type SessionClosed } from '@sluice/contracts';
import { cleanText } from '@sluice/domain';

// Texts of facts that come from elsewhere, the policy, the agent or an operating system, made such that the schemas of facts take them.

/** A name, an id or an address. */
export const nameText = <T extends string | null>(text: T): T => (text === null ? null : cleanText(text, FACT_LIMITS.name)) as T;

/** A sentence that says why. */
export const messageText = <T extends string | null>(text: T): T =>
  (text === null ? null : cleanText(text, FACT_LIMITS.message)) as T;

/** Tags of a resource. */
export const factTags = (tags: Readonly<Record<string, string>>): Record<string, string> =>
  Object.fromEntries(
    Object.entries(tags)
      .slice(0, FACT_LIMITS.tags)
      .map(([key, value]) => [cleanText(key, FACT_LIMITS.tagKey), cleanText(value, FACT_LIMITS.tagValue)]),
  );

/** Who ended a session, and why. */
export const endedBy = (by: NonNullable<SessionClosed['endedBy']>): SessionClosed['endedBy'] => ({
  id: nameText(by.id),
  email: nameText(by.email),
  why: messageText(by.why),
});
