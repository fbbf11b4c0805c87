import { DiscardPolicy } from '@nats-io/jetstream';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { PrivateNats } from './private-nats.js';

let nats: PrivateNats;
beforeAll(async () => (nats = await PrivateNats.start()));
afterAll(() => nats.stop());

it('receives acknowledgements on subjects that nobody can guess: a second connection of the same user uses other subjects', async () => {
  const replies: (string | undefined)[] = [];
  const hearer = await nats.join();
  hearer.connection.subscribe('a.fact', { callback: (_, message) => void replies.push(message.reply) });
  await hearer.connection.flush();
  for (let i = 0; i < 2; i++) {
    const bus = await nats.join();
    void bus.publishFact('a.fact', Buffer.from(`{"fact":${i}}`)).catch(() => undefined); // no stream stores it
    await expect.poll(() => replies.length).toBe(i + 1);
    await bus.close();
  }
  await hearer.close();
  expect(replies[0]).toMatch(/^_INBOX_all\..{22}\./);
  expect(new Set(replies).size).toBe(2);
});

it('does not take a rejection for an acknowledgement: a full stream stores nothing of what it rejected', async () => {
  const bus = await nats.join();
  const full = { max_bytes: 4000, discard: DiscardPolicy.New, duplicate_window: 120e9 };
  await bus.manager.streams.add({ name: 'FULL', subjects: ['full.>'], ...full });
  const publish = (i: number) => bus.publishFact('full.fact', Buffer.from(`${i} ${'x'.repeat(1000)}`));
  let taken = 0;
  const refusal = await (async () => {
    while (taken < 100) await publish(taken++);
    return 'it took everything';
  })().catch((error: Error) => error.message);
  expect(refusal).toBe('JetStream: maximum bytes exceeded');
  expect((await bus.manager.streams.info('FULL')).state.messages).toBe(taken - 1);
  await bus.manager.streams.update('FULL', { max_bytes: 40_000 });
  await publish(taken - 1);
  expect((await bus.manager.streams.info('FULL')).state.messages).toBe(taken);
  await bus.close();
});
