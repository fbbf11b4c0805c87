const MOST = 12;

/** The texts that complete the last part of what is typed. A part in double quotes is one, whatever spaces it has. */
export function completionsOf(typed: string, suggestions: readonly string[]): string[] {
  const [part = ''] = typed.match(/(?:"[^"]*"?|[^\s"])+|\s+/g)?.slice(-1) ?? [];
  const [before, last] = [typed.slice(0, typed.length - part.length), part.trim().toLowerCase()];
  if (last === '') return [];
  const fitting = suggestions.filter((suggestion) => suggestion.toLowerCase().includes(last));
  if (fitting.some((suggestion) => suggestion.toLowerCase() === last)) return [];
  return fitting.slice(0, MOST).map((suggestion) => `${before}${suggestion}`);
}
