/**
 * How long a session lasted of which only checkpoints are known, in SQL. A relay may have claimed any duration; an impossible one
 * (more than thirty years, in milliseconds) must not keep the sessions of others from their end.
 */
export const presumedDuration = (column: string): string => `least(greatest(coalesce(${column}, 0), 0), 1e12) * interval '1 ms'`;
