// A gateway in a child process, a model that answers at once, and clients that talk to it in several lanes.
import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { type FakeModel, startFakeModel } from '../../../e2e/fixtures/fake-model.js';
import { fakeModelConfig, type Home, makeHome } from '../../../e2e/fixtures/home.js';
import type { Bundle } from './bundle.js';
import { connectOperator, type RawOperator } from './operator.js';
import type { SoakNews, SoakOrder, SoakSample } from './soak-gateway.js';

const TOKEN = 'soak-token-0123456789';
/** Turns at the same time, each in a conversation of its own. */
const LANES = 4;
/** Then a conversation begins anew, so that none grows for ever. */
const TURNS_A_CONVERSATION = 25;

/** A gateway that has nothing to do ends in a moment. */
const CLOSE_LIMIT_MS = 30_000;

interface ChatPayload {
  runId: string;
  state: string;
}

interface Parts {
  home: Home;
  model: FakeModel;
  child: ChildProcess;
  operator: RawOperator;
}

export class SoakStage {
  readonly #parts: Parts;
  #turns = 0;
  #closing: Promise<number | null> | undefined;

  private constructor(parts: Parts) {
    this.#parts = parts;
  }

  /** @param stored conversations that are there from the beginning */
  static async open(programs: Bundle, { stored }: { stored: number }): Promise<SoakStage> {
    const model = await startFakeModel({ answer: () => ({ text: 'Yes.' }) });
    const auth = { mode: 'token', token: TOKEN };
    const home = await makeHome({
      ...fakeModelConfig(model.url),
      gateway: { mode: 'local', auth },
      logging: { level: 'error' },
    });
    await store(home, stored);
    const child = fork(programs.program('soak-gateway'), [], {
      env: home.env,
      cwd: home.dir,
      execArgv: ['--expose-gc'],
      stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
    });
    const news = await hear(child);
    if (!('ready' in news)) throw new Error('the gateway told something else than that it is ready');
    const operator = await connectOperator({ url: news.ready.url, token: TOKEN });
    return new SoakStage({ home, model, child, operator });
  }

  /** How many conversations it knew when it was ready. */
  async stored(): Promise<number> {
    const answer = (await this.#parts.operator.request('health', { probe: false })) as { sessions: { count: number } };
    return answer.sessions.count;
  }

  /** Takes turns, some at a time; resolves with milliseconds per turn. */
  async talk(turns: number): Promise<number> {
    const startedAt = performance.now();
    const until = this.#turns + turns;
    await Promise.all(Array.from({ length: LANES }, (_, lane) => this.#lane(lane, until)));
    const ms = (performance.now() - startedAt) / turns;
    this.#checkEnds();
    const { operator, model } = this.#parts;
    operator.events.length = 0;
    model.requests.length = 0;
    return ms;
  }

  async sample(): Promise<SoakSample> {
    const { child } = this.#parts;
    child.send('sample' satisfies SoakOrder);
    const news = await hear(child);
    if (!('sample' in news)) throw new Error('the gateway told something else than its sample');
    return news.sample;
  }

  /** Resolves with the exit code, which is 0 only when nothing kept the process alive; again with the same. */
  close(): Promise<number | null> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  async #close(): Promise<number | null> {
    const { home, model, child, operator } = this.#parts;
    operator.close();
    const limit = setTimeout(() => child.kill('SIGKILL'), CLOSE_LIMIT_MS);
    if (child.exitCode === null && child.signalCode === null) {
      const exited = once(child, 'exit');
      child.send('stop' satisfies SoakOrder);
      await exited;
    }
    clearTimeout(limit);
    await model.close();
    await home.remove();
    return child.exitCode;
  }

  async #lane(lane: number, until: number): Promise<void> {
    const { operator } = this.#parts;
    const sessionKey = `agent:main:lane-${lane}`;
    for (let own = 0; this.#turns < until; own += 1) {
      this.#turns += 1;
      const runId = `turn-${this.#turns}`;
      if (own % TURNS_A_CONVERSATION === TURNS_A_CONVERSATION - 1) {
        await operator.request('sessions.reset', { key: sessionKey });
      }
      await operator.request('chat.send', { sessionKey, message: 'Well?', idempotencyKey: runId });
      const ended = (await operator.request('agent.wait', { runId, timeoutMs: 25_000 })) as { status: string };
      if (ended.status !== 'ok') throw new Error(`${runId} ended with ${JSON.stringify(ended)}`);
    }
  }

  /** Each turn ended once, and well. */
  #checkEnds(): void {
    const chat = this.#parts.operator.events.filter(({ event }) => event === 'chat');
    const ends = chat.map(({ payload }) => payload as ChatPayload).filter(({ state }) => state !== 'delta');
    const bad = ends.find(({ state }) => state !== 'final');
    if (bad) throw new Error(`${bad.runId} ended as ${bad.state}`);
    if (new Set(ends.map(({ runId }) => runId)).size !== ends.length) throw new Error('a turn ended twice');
  }
}

async function hear(child: ChildProcess): Promise<SoakNews> {
  const over = new AbortController();
  const { signal } = over;
  const ended = once(child, 'exit', { signal }).then(([code]) => {
    throw new Error(`the gateway ended with ${String(code)}`);
  });
  try {
    const [news] = (await Promise.race([once(child, 'message', { signal }), ended])) as [SoakNews];
    return news;
  } finally {
    over.abort();
    // Its own abort, or the end that the race has told already.
    await Promise.allSettled([ended]);
  }
}

/** Conversations as a long-used installation has them: an index, and a transcript for each. */
async function store(home: Home, count: number): Promise<void> {
  const folder = path.join(home.stateDir, 'agents', 'main', 'sessions');
  await mkdir(folder, { recursive: true });
  const index: Record<string, unknown> = {};
  const now = Date.now();
  for (let number = 0; number < count; number += 1) {
    const sessionId = `00000000-0000-4000-8000-${String(number).padStart(12, '0')}`;
    const updatedAt = now - (number + 1) * 60_000;
    index[`agent:main:stored-${number}`] = {
      sessionId,
      updatedAt,
      status: 'done',
      origin: { label: 'somebody', provider: 'webchat' },
      modelProvider: 'fake',
      model: 'fake-1',
    };
    await writeFile(path.join(folder, `${sessionId}.jsonl`), transcript(sessionId, updatedAt));
  }
  await writeFile(path.join(folder, 'sessions.json'), JSON.stringify(index, null, 2));
}

function transcript(sessionId: string, at: number): string {
  const timestamp = new Date(at).toISOString();
  const message = (id: string, parentId: string | null, role: string, text: string) => ({
    type: 'message',
    id,
    parentId,
    timestamp,
    message: { role, content: [{ type: 'text', text }], timestamp: at },
  });
  const lines = [
    { type: 'session', version: 3, id: sessionId, timestamp, cwd: '/' },
    message('aaaaaaaa', null, 'user', 'What was said long ago?'),
    message('bbbbbbbb', 'aaaaaaaa', 'assistant', 'This was.'),
  ];
  return lines.map((line) => `${JSON.stringify(line)}\n`).join('');
}
