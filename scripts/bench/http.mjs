// The HTTP endpoints: how much a turn costs on top of the model, and how many answers there are per second.
import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { msSince, prepareGateway, startServer } from './processes.mjs';
import { median } from './table.mjs';

const TURNS = 60;
const WARM_UP = 10;
const IN_FLIGHT = 8;
const LOAD_MS = 3_000;
const SESSIONS = 2_000;

function post(url, token, body) {
  const headers = { 'content-type': 'application/json', authorization: `Bearer ${token}` };
  return fetch(url, { method: 'POST', headers, body: JSON.stringify(body) });
}

async function finish(response) {
  const text = await response.text();
  if (!response.ok) throw new Error(`HTTP ${response.status}: ${text.slice(0, 200)}`);
}

const ask = (baseUrl, token, model, stream) => async () =>
  finish(
    await post(`${baseUrl}/chat/completions`, token, { model, stream, messages: [{ role: 'user', content: 'hi' }] }),
  );

async function oneByOne(work) {
  const times = [];
  for (let index = 0; index < WARM_UP + TURNS; index += 1) {
    const startedAt = process.hrtime.bigint();
    await work();
    if (index >= WARM_UP) times.push(msSince(startedAt));
  }
  return median(times);
}

async function perSecond(work) {
  const startedAt = process.hrtime.bigint();
  let answers = 0;
  const lane = async () => {
    while (msSince(startedAt) < LOAD_MS) {
      await work();
      answers += 1;
    }
  };
  await Promise.all(Array.from({ length: IN_FLIGHT }, lane));
  return answers / (msSince(startedAt) / 1000);
}

/** An index as a long-used installation has it. */
function seedSessions(stateDir) {
  const folder = path.join(stateDir, 'agents', 'main', 'sessions');
  mkdirSync(folder, { recursive: true });
  const entries = Array.from({ length: SESSIONS }, (_, index) => [
    `agent:main:seed-${index}`,
    { sessionId: `00000000-0000-4000-8000-${String(index).padStart(12, '0')}`, updatedAt: Date.now() - index * 1000 },
  ]);
  writeFileSync(path.join(folder, 'sessions.json'), JSON.stringify(Object.fromEntries(entries)));
}

/** Rows: overhead of a turn, turns per second, session lists per second over a full store. */
export async function measureHttp(upstream) {
  const server = await prepareGateway(upstream);
  seedSessions(server.env.OPENCLAW_STATE_DIR);
  const running = await startServer(server);
  const base = `http://127.0.0.1:${server.port}`;
  try {
    const direct = await oneByOne(ask(upstream.baseUrl, 'none', 'bench-model', true));
    const turn = ask(`${base}/v1`, server.token, 'openclaw', false);
    const through = await oneByOne(turn);
    const turns = await perSecond(turn);
    const list = async () =>
      finish(await post(`${base}/tools/invoke`, server.token, { tool: 'sessions_list', args: {} }));
    await list();
    return { overhead: through - direct, turns, lists: await perSecond(list) };
  } finally {
    running.connection.close();
    await running.stop();
    server.remove();
  }
}
