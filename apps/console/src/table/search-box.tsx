import { Autocomplete, Kbd } from '@mantine/core';
import { Search } from 'lucide-react';
import { useEffect, useState } from 'react';

/** Milliseconds without a key after which what was typed is searched for. */
const PAUSE_MS = 120;
const MAX_SUGGESTIONS = 12;

/** The search box of a list. `/` leads to it; suggestions complete the last word. */
export function SearchBox({
  label,
  value,
  suggestions,
  onChange,
}: {
  readonly label: string;
  readonly value: string;
  readonly suggestions: readonly string[];
  readonly onChange: (value: string) => void;
}) {
  const [typed, setTyped] = useState(value);
  useEffect(() => setTyped(value), [value]);
  useEffect(() => {
    if (typed === value) return undefined;
    const pause = setTimeout(() => onChange(typed), PAUSE_MS);
    return () => clearTimeout(pause);
  }, [typed, value, onChange]);
  const before = typed.slice(0, typed.search(/\S*$/));
  const last = typed.slice(before.length).toLowerCase();
  const offered =
    last === ''
      ? []
      : suggestions.filter((suggestion) => suggestion.includes(last) && suggestion !== last).slice(0, MAX_SUGGESTIONS);
  return (
    <Autocomplete
      data-search
      className="search-box"
      aria-label={label}
      placeholder={label}
      leftSection={<Search size={16} aria-hidden />}
      rightSection={typed === '' ? <Kbd size="xs">/</Kbd> : undefined}
      rightSectionPointerEvents="none"
      value={typed}
      onChange={setTyped}
      data={offered.map((suggestion) => `${before}${suggestion}`)}
      filter={({ options }) => options}
    />
  );
}
