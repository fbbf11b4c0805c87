import { Autocomplete, Kbd } from '@mantine/core';
import { Search } from 'lucide-react';
import { completionsOf } from './completions.js';

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
      data={completionsOf(value, suggestions)}
      filter={({ options }) => options}
    />
  );
}
