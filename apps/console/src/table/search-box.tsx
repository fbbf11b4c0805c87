import { Autocomplete, Kbd } from '@mantine/core';
import { Search } from 'lucide-react';

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
  const before = value.slice(0, value.search(/\S*$/));
  const last = value.slice(before.length).toLowerCase();
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
      rightSection={value === '' ? <Kbd size="xs">/</Kbd> : undefined}
      rightSectionPointerEvents="none"
      value={value}
      onChange={onChange}
      data={offered.map((suggestion) => `${before}${suggestion}`)}
      filter={({ options }) => options}
    />
  );
}
