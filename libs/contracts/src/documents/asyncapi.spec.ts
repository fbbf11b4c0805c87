import { expect, it } from 'vitest';
import { parseEventSubjects } from '../bus/event-subjects.js';
import { asyncApiDocument } from './asyncapi.js';
import { authorOfFact } from '../facts/envelope.js';

const id = '6c0ffee0-0000-4000-8000-000000000001';
interface Document {
  channels: Record<
    string,
    { address: string; parameters: Record<string, { description?: string }>; messages: Record<string, { $ref: string }> }
  >;
  components: {
    messages: Record<string, { payload: { required: string[]; properties: Record<string, object> } }>;
    schemas: Record<string, object>;
  };
}
const document = asyncApiDocument() as unknown as Document;
const channels = Object.entries(document.channels);
const [ofFacts, ofOcsf] = [false, true].map((ocsf) => channels.filter(([name]) => name.startsWith('ocsf.') === ocsf));

it.each(ofFacts ?? [])(
  'has a subject for %s that somebody may publish and a SIEM may choose, with every word explained',
  (_, channel) => {
    const subject = channel.address.replace('{service}', 'registry').replace(/\{\w+\}/g, id);
    expect(authorOfFact(subject)).toBeDefined();
    expect(parseEventSubjects([subject]).ok).toBe(true);
    expect(Object.values(channel.parameters).every(({ description }) => description !== undefined)).toBe(true);
  },
);

it.each(ofOcsf ?? [])('has a subject for %s that a SIEM may choose, with every activity listed', (_, { address, parameters }) => {
  const activities = parameters['activity']?.description?.replace('one of ', '').split(', ') ?? [];
  expect(activities.length).toBeGreaterThan(0);
  for (const activity of activities)
    expect(parseEventSubjects([address.replace('{activity}', activity)], 'ocsf')).toMatchObject({ ok: true });
});

it.each(channels)('has a message for %s whose references all lead somewhere', (_, channel) => {
  const text = JSON.stringify(document.components) + JSON.stringify(channel.messages);
  for (const [, kind = '', name = ''] of text.matchAll(/"#\/components\/(\w+)\/([\w.]+)"/g))
    expect([name, Object.keys(document.components[kind as 'schemas'] ?? {})]).toEqual([name, expect.arrayContaining([name])]);
});

it('requires the place in the chain of all facts that have one, and of no other', () => {
  const without = Object.entries(document.components.messages).filter(
    ([name, { payload }]) => !name.startsWith('ocsf.') && !payload.required.includes('previous'),
  );
  expect(without.map(([name, { payload }]) => [name, Object.hasOwn(payload.properties, 'previous')])).toEqual([
    ['session.checkpoint', false],
    ['service.heartbeat', false],
  ]);
});
