import { Alert, NumberInput, Paper, SimpleGrid, Text, Title } from '@mantine/core';
import type { UseFormReturnType } from '@mantine/form';
import { useQuery } from '@tanstack/react-query';
import { TriangleAlert } from 'lucide-react';
import { counted } from '../words/quantity.js';
import { Time } from '../words/time.js';
import { retentionQuery } from './holds.js';
import { DroppedEvidence } from './dropped-evidence.js';
import type { Settings } from './settings.js';
import { RETENTION_SETTINGS, type SettingsForm, shortened } from './settings-form.js';

const WHAT = { sessions: 'sessions', activities: 'activities', facts: 'other facts' } as const;

/** How long evidence is kept: what is asked for, what applies, and what a change would drop. */
export function RetentionFields({
  form,
  settings,
}: {
  readonly form: UseFormReturnType<SettingsForm>;
  readonly settings: Settings;
}) {
  const { data } = useQuery(retentionQuery);
  const dropped = shortened(form.values, settings);
  return (
    <Paper withBorder p="lg">
      <Title order={2} size="h4">
        Retention
      </Title>
      <Text size="sm" c="dimmed" mb="sm">
        Older evidence is dropped, except what is held. A shorter time takes effect a day later.
      </Text>
      <SimpleGrid cols={{ base: 1, sm: 3 }}>
        {RETENTION_SETTINGS.map(({ name, title, hint }) => (
          <NumberInput
            key={name}
            label={title}
            description={hint}
            hideControls
            {...form.getInputProps(`numbers.${name}`)}
            onChange={(value) => form.setFieldValue(`numbers.${name}`, String(value))}
          />
        ))}
      </SimpleGrid>
      {dropped.length > 0 && (
        <Alert color="yellow" mt="md" icon={<TriangleAlert size={16} />} title="This drops evidence for good">
          <DroppedEvidence dropped={dropped} />
        </Alert>
      )}
      {data && (
        <Text size="sm" mt="md" component="div">
          {data.kinds
            .filter(({ dueAt }) => dueAt !== null)
            .map(({ kind, askedDays, dueAt }) => (
              <div key={kind}>
                Takes effect <Time at={dueAt} />: {WHAT[kind]} are kept for {counted(askedDays, 'day')}.
              </div>
            ))}
          {data.droppedAt !== null && (
            <div>
              {counted(data.droppedRecords, 'record')} and {counted(data.droppedFacts, 'fact')} were dropped so far, the last{' '}
              <Time at={data.droppedAt} />.
            </div>
          )}
        </Text>
      )}
    </Paper>
  );
}
