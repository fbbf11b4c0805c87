import { z } from 'zod';

const Time = z.iso.datetime({ offset: true });

/** Milliseconds since 1970 of a time in ISO 8601 with its offset; NaN for anything else. */
export const readTime = (value: unknown): number => (Time.safeParse(value).success ? Date.parse(value as string) : Number.NaN);
