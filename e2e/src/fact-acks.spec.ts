import { afterAll, beforeAll, expect, it } from 'vitest';
import { PrivateNats } from './private-nats.js';

let nats: PrivateNats;
beforeAll(async () => (nats = await PrivateNats.start()));
afterAll(() => nats.stop());

it('has the answers to facts sent where nobody can guess: a second connection of the same user uses other subjects', async () => {
  const replies: (string | undefined)[] = [];
  const hearer = await nats.join();
  hearer.connection.subscribe('a.fact', { callback: (_, message) => void replies.push(message.reply) });
  await hearer.connection.flush();
  for (let i = 0; i < 2; i++) {
    const bus = await nats.join();
    void bus.publishFact('a.fact', Buffer.from(`{"fact":${i}}`)).catch(() => undefined); // no stream takes it
    await expect.poll(() => replies.length).toBe(i + 1);
    await bus.close();
  }
  await hearer.close();
  expect(replies[0]).toMatch(/^_INBOX_all\..{22}\./);
  expect(new Set(replies).size).toBe(2);
});
