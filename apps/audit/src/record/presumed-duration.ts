/**
 * SQL for the duration of a session of which only checkpoints are known. A relay may have claimed any number of milliseconds.
 * The duration is capped at about thirty years, because an error here would keep other sessions from being presumed ended.
 */
export const presumedDuration = (column: string): string => `least(greatest(coalesce(${column}, 0), 0), 1e12) * interval '1 ms'`;
