// A model provider for the bench: speaks OpenAI chat completions, streams as many chunks as the message asks for.
// Forked; tells its parent its port and the time at which the last byte of each answer was handed to the socket.
import { once } from 'node:events';
import { createServer } from 'node:http';
import { setTimeout as delay } from 'node:timers/promises';

const WORDS = ['bench ', 'chunk ', 'relay ', 'token ', 'every ', 'line. '];
const CHUNKS_PER_WRITE_TURN = 10;

const frame = (value) => `data: ${typeof value === 'string' ? value : JSON.stringify(value)}\n\n`;

function chunk(delta, finishReason = null) {
  const choice = { index: 0, delta, finish_reason: finishReason };
  return { id: 'chatcmpl-bench', object: 'chat.completion.chunk', created: 1, model: 'bench-model', choices: [choice] };
}

async function readBody(request) {
  const parts = [];
  for await (const part of request) parts.push(part);
  return Buffer.concat(parts).toString('utf8');
}

const nextTurn = () => new Promise((resolve) => setImmediate(resolve));

async function stream(response, { chunks, paceMs, tag }) {
  response.writeHead(200, { 'content-type': 'text/event-stream', 'cache-control': 'no-cache' });
  response.write(frame(chunk({ role: 'assistant', content: '' })));
  for (let index = 0; index < chunks; index += 1) {
    const room = response.write(frame(chunk({ content: WORDS[index % WORDS.length] })));
    if (paceMs > 0) await delay(paceMs);
    else if (!room) await once(response, 'drain');
    else if (index % CHUNKS_PER_WRITE_TURN === 0) await nextTurn();
  }
  const usage = { prompt_tokens: 10, completion_tokens: chunks, total_tokens: chunks + 10 };
  response.write(frame(chunk({}, 'stop')));
  response.write(frame({ ...chunk({}), choices: [], usage }));
  response.end(frame('[DONE]'));
  process.send({ tag, lastByteAt: String(process.hrtime.bigint()) });
}

/** "chunks=20 pace=10" in the last message streams 20 chunks, 10 ms apart; "hang" never answers. */
async function answer(request, response) {
  const { messages = [] } = JSON.parse(await readBody(request));
  const last = JSON.stringify(messages.at(-1) ?? '');
  if (last.includes('hang')) return;
  const read = (pattern, otherwise) => Number(pattern.exec(last)?.[1] ?? otherwise);
  await stream(response, { chunks: read(/chunks=(\d+)/, 5), paceMs: read(/pace=(\d+)/, 0), tag: read(/tag=(\d+)/, 0) });
}

const server = createServer((request, response) => {
  answer(request, response).catch((error) => response.destroy(error));
});
server.listen(0, '127.0.0.1', () => process.send({ port: server.address().port }));
process.on('disconnect', () => process.exit(0));
