import { NumberInput, Radio, Stack, TextInput } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { deliveryQuery } from '../delivery/delivery.js';
import { countText } from '../words/quantity.js';
import type { SiemReader } from './siem-readers.js';
import type { Start } from './start.js';

const TITLES = { now: 'Now', time: 'A time', number: 'The number of an event' } as const;

/** Where a reader begins. */
export function StartFields({
  label,
  format,
  kinds,
  value,
  onChange,
}: {
  readonly label: string;
  /** Whose numbers are meant: each format has a stream of its own. */
  readonly format: SiemReader['format'];
  readonly kinds: readonly Start['kind'][];
  readonly value: Start;
  readonly onChange: (start: Start) => void;
}) {
  const { data } = useQuery(deliveryQuery);
  const stream = format === 'ocsf' ? data?.ocsf : data?.stream;
  const kept = stream && `JetStream keeps ${countText(stream.firstNumber)} to ${countText(stream.lastNumber)}`;
  return (
    <Stack gap="xs">
      <Radio.Group
        label={label}
        value={value.kind}
        onChange={(chosen) => {
          const kind = kinds.find((one) => one === chosen);
          if (kind) onChange({ ...value, kind });
        }}
      >
        <Stack gap={6} mt={6}>
          {kinds.map((kind) => (
            <Radio key={kind} value={kind} label={TITLES[kind]} />
          ))}
        </Stack>
      </Radio.Group>
      {value.kind === 'time' && (
        <TextInput
          type="datetime-local"
          label="Since"
          description="Events that were stored then or later, as far as JetStream keeps them"
          value={value.time}
          onChange={(event) => onChange({ ...value, time: event.currentTarget.value })}
        />
      )}
      {value.kind === 'number' && (
        <NumberInput
          label="From number"
          description={kept}
          hideControls
          allowDecimal={false}
          value={value.number}
          onChange={(number) => onChange({ ...value, number: String(number) })}
        />
      )}
    </Stack>
  );
}
