import { Autocomplete, Button, Group, NativeSelect, TextInput } from '@mantine/core';
import { useEffect, useState } from 'react';
import { completionsOf } from './completions.js';

/** A value that can be chosen, and how it is shown. */
export interface Choice {
  readonly value: string;
  readonly label: string;
}

/** One field of a filter. */
export interface FilterField {
  /** The name of the parameter, in the address of the page and in the API. */
  readonly name: string;
  readonly label: string;
  readonly placeholder?: string;
  /** A text, one of several values, which may have labels, or a moment. */
  readonly kind: 'text' | 'moment' | readonly (string | Choice)[];
  /** What completes the last part of a text. Such a field is a wide one. */
  readonly suggestions?: readonly string[];
  /** Whether it is hidden until somebody asks for more filters. */
  readonly isRare?: boolean;
}

type Values = Readonly<Record<string, string | undefined>>;

/** The filter of a list. What applies is in the address of the page; what is typed applies when the form is sent. */
export function FilterForm({
  fields,
  values,
  onApply,
}: {
  readonly fields: readonly FilterField[];
  readonly values: Values;
  readonly onApply: (values: Record<string, string>) => void;
}) {
  const [typed, setTyped] = useState(values);
  useEffect(() => setTyped(values), [values]);
  const rare = fields.filter(({ isRare }) => isRare === true);
  const [wantsMore, setWantsMore] = useState(false);
  const showsRare = wantsMore || rare.some(({ name }) => values[name] !== undefined);
  const shown = fields.filter(({ isRare }) => isRare !== true || showsRare);
  const isFiltered = fields.some(({ name }) => values[name] !== undefined);
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        onApply(given(typed));
      }}
    >
      <Group align="flex-end" gap="sm">
        {shown.map((field, index) => (
          <Field
            key={field.name}
            field={field}
            value={typed[field.name] ?? ''}
            onChange={(value) => setTyped({ ...typed, [field.name]: value })}
            isSearch={index === 0}
          />
        ))}
        <Button type="submit" variant="light">
          Filter
        </Button>
        {rare.length > 0 && !showsRare && (
          <Button variant="subtle" onClick={() => setWantsMore(true)}>
            More filters
          </Button>
        )}
        {isFiltered && (
          <Button
            variant="subtle"
            onClick={() => {
              setWantsMore(false);
              onApply({});
            }}
          >
            Clear
          </Button>
        )}
      </Group>
    </form>
  );
}

function Field({
  field: { label, placeholder, kind, suggestions },
  value,
  onChange,
  isSearch,
}: {
  readonly field: FilterField;
  readonly value: string;
  readonly onChange: (value: string) => void;
  readonly isSearch: boolean;
}) {
  const search = isSearch && { 'data-search': true };
  if (typeof kind !== 'string') {
    const data = [
      { value: '', label: 'any' },
      ...kind.map((one) => (typeof one === 'string' ? { value: one, label: one } : one)),
    ];
    return (
      <NativeSelect
        className="filter-choice"
        label={label}
        data={data}
        value={value}
        onChange={(event) => onChange(event.currentTarget.value)}
        {...search}
      />
    );
  }
  if (kind === 'moment') {
    const change = (local: string) => onChange(local === '' ? '' : new Date(local).toISOString());
    return (
      <TextInput
        className="filter-field"
        label={label}
        type="datetime-local"
        value={localTime(value)}
        onChange={(event) => change(event.currentTarget.value)}
        {...search}
      />
    );
  }
  if (suggestions !== undefined)
    return (
      <Autocomplete
        className="filter-search"
        label={label}
        placeholder={placeholder}
        value={value}
        onChange={onChange}
        data={completionsOf(value, suggestions)}
        filter={({ options }) => options}
        {...search}
      />
    );
  return (
    <TextInput
      className="filter-field"
      label={label}
      placeholder={placeholder}
      value={value}
      onChange={(event) => onChange(event.currentTarget.value)}
      {...search}
    />
  );
}

/** What was filled in, without spaces around it. */
function given(values: Values): Record<string, string> {
  const trimmed = Object.entries(values).map(([name, value]) => [name, (value ?? '').trim()] as const);
  return Object.fromEntries(trimmed.filter(([, value]) => value !== ''));
}

/** A moment as the browser's field shows it: in local time, without seconds. */
function localTime(iso: string): string {
  const at = new Date(iso);
  if (Number.isNaN(at.getTime())) return '';
  return new Date(at.getTime() - at.getTimezoneOffset() * 60_000).toISOString().slice(0, 16);
}
