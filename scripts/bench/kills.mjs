// Kills the gateway right after it acknowledged a message, again and again, and counts the messages that are lost.
import { randomUUID } from 'node:crypto';
import { startServer } from './processes.mjs';

const KEY = 'agent:main:bench-kills';

/** Ways to hand in a message; each resolves when the gateway has acknowledged it. */
const WAYS = [
  (connection, message) => connection.request('chat.send', { sessionKey: KEY, message, idempotencyKey: randomUUID() }),
  (connection, message) =>
    connection.request('agent', { sessionKey: KEY, message, idempotencyKey: randomUUID(), deliver: false }),
];

async function readHistory(running) {
  const { messages } = await running.connection.request('chat.history', { sessionKey: KEY, limit: 1000 });
  return JSON.stringify(messages);
}

/** Kills `count` times; returns the messages that were acknowledged and are not in the history afterwards. */
export async function countLostMessages(server, count, onStep) {
  const sent = [];
  for (let index = 0; index < count; index += 1) {
    const running = await startServer(server);
    const message = `hang kill-${index}-${randomUUID()}`;
    await WAYS[index % WAYS.length](running.connection, message);
    const killed = running.stop('SIGKILL');
    sent.push(message);
    await killed;
    if ((index + 1) % 10 === 0) onStep(index + 1);
  }
  const running = await startServer(server);
  const history = await readHistory(running);
  running.connection.close();
  await running.stop();
  return sent.filter((message) => !history.includes(message));
}
