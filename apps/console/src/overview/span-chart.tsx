import { Group, Text } from '@mantine/core';
import { exactTime } from '../words/moment.js';
import { counted, countText } from '../words/quantity.js';
import type { Span } from './overview.js';

const PARTS = [
  { name: 'failed', color: 'var(--mantine-color-red-6)' },
  { name: 'refused', color: 'var(--mantine-color-yellow-6)' },
  { name: 'completed', color: 'var(--mantine-color-green-6)' },
  { name: 'live', color: 'var(--mantine-color-blue-5)' },
] as const satisfies readonly { name: keyof Span; color: string }[];

const HEIGHT = 120;
const STEP = 10;
const BAR = 8;

const totalOf = (span: Span): number => PARTS.reduce((total, { name }) => total + span[name], 0);

/** How many sessions began in each minute or hour, by outcome: one bar a span, stacked. Small enough to be drawn by hand as SVG. */
export function SpanChart({
  spans,
  title,
  from,
}: {
  readonly spans: readonly Span[];
  readonly title: string;
  /** When the first span was: `an hour ago`. */
  readonly from: string;
}) {
  const highest = Math.max(1, ...spans.map(totalOf));
  const all = spans.reduce((total, span) => total + totalOf(span), 0);
  if (all === 0) {
    return (
      <Text size="sm" c="dimmed">
        No sessions
      </Text>
    );
  }
  return (
    <figure className="chart">
      <svg
        viewBox={`0 0 ${spans.length * STEP} ${HEIGHT}`}
        preserveAspectRatio="none"
        role="img"
        aria-label={`${title}: ${counted(all, 'session')}, at most ${countText(highest)} in one bar`}
      >
        {spans.map((span, index) => (
          <g key={span.at} transform={`translate(${index * STEP} 0)`}>
            <title>{wordsOf(span)}</title>
            <rect width={BAR} height={HEIGHT} fill="transparent" />
            <Bar span={span} highest={highest} />
          </g>
        ))}
      </svg>
      <Group justify="space-between" mb={4}>
        <Text size="xs" c="dimmed">
          {from}
        </Text>
        <Text size="xs" c="dimmed">
          now
        </Text>
      </Group>
      <Group justify="space-between" gap="xs">
        <Group gap="sm">
          {PARTS.map(({ name, color }) => (
            <Group key={name} gap={4}>
              <span className="chart-key" style={{ background: color }} />
              <Text size="xs">{name}</Text>
            </Group>
          ))}
        </Group>
        <Text size="xs" c="dimmed">
          highest: {countText(highest)}
        </Text>
      </Group>
    </figure>
  );
}

function Bar({ span, highest }: { readonly span: Span; readonly highest: number }) {
  let below = 0;
  return PARTS.map(({ name, color }) => {
    const height = (span[name] / highest) * HEIGHT;
    below += height;
    return height === 0 ? null : <rect key={name} y={HEIGHT - below} width={BAR} height={height} fill={color} />;
  });
}

function wordsOf(span: Span): string {
  const parts = PARTS.filter(({ name }) => span[name] > 0).map(({ name }) => `${countText(span[name])} ${name}`);
  return `${exactTime(span.at)}: ${parts.length === 0 ? 'no sessions' : parts.join(', ')}`;
}
