// One gateway whose agent writes, runs commands, patches and talks; and what a stopped run must not leave behind.
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout as after } from 'node:timers/promises';
import { type FakeModel, type FakeTurnInput, startFakeModel } from '../../../e2e/fixtures/fake-model.js';
import { fakeModelConfig, type Home, makeHome } from '../../../e2e/fixtures/home.js';
import { type RunningGateway, startGateway } from '../../src/index.js';
import { processesWith } from './marked-processes.js';
import { connectOperator, type RawOperator } from './operator.js';

/** The model is asked four times in a run: for a file, a command, a patch, and an answer. */
export const STEPS = 4;
const LINE = 'the new line of a large file 0123456789 abcdefghijklmnopqrstuvwxyz\n';
export const LARGE = { old: 'old\n'.repeat(10_000), new: LINE.repeat(400) };
const OLD_PART = 'kept\nold\nkept\n';
const NEW_PART = 'kept\nnew\nkept\n';

/** For runs that are stopped at the command at the latest: these never end by themselves. */
const ENDLESS = ["sh -c 'sleep 300 & sleep 300'", '(sleep 300 & sleep 300) & (sleep 300 | sleep 300) & wait'];
/** Does not want to end when it is told to, which takes seconds; so not every run has it. */
const STUBBORN = "trap '' TERM; sleep 300 & sleep 300; sleep 300";
const STUBBORN_EACH = 7;
/** For runs that go on after it. */
const SHORT = [
  "sh -c 'sleep 300 & child=$!; sleep 0.1; kill $child'",
  'for at in 1 2 3 4 5; do sleep 0.02 & done; wait',
];
const COMMAND_STEP = 2;
/** In the environment of everything that the runs start. */
const MARK = `abort-mark-${process.pid}`;

function patch(folder: string): string {
  const hunk = (name: string) => `*** Update File: ${folder}/${name}\n@@\n kept\n-old\n+new\n kept\n`;
  return `*** Begin Patch\n${hunk('a.txt')}${hunk('b.txt')}*** End Patch`;
}

interface ModelMessage {
  role: string;
  content?: unknown;
  tool_calls?: unknown[];
}

export interface ChatEnd {
  state: string;
  runId: string;
}

/** A message of the transcript, as far as the test reads it. */
interface StoredMessage {
  role: string;
  content: unknown;
  toolCallId?: string;
}

export interface AbortMoment {
  /** The request to the model that is waited for; the number of requests there will be, or fewer. */
  step: number;
  /** Milliseconds after that request came. */
  delayMs: number;
}

export interface AbortedRun {
  runId: string;
  folder: string;
  /** How many requests to the model were made when it ended. */
  asked: number;
  waited: unknown;
}

interface Closed {
  wasIdle: boolean;
  left: number[];
}

export class AbortStage {
  readonly home: Home;
  readonly #model: FakeModel;
  readonly #gateway: RunningGateway;
  readonly #operator: RawOperator;
  readonly #asked: Map<string, Progress>;

  #closing: Promise<Closed> | undefined;

  private constructor(parts: Pick<AbortStage, 'home'> & Parts) {
    this.home = parts.home;
    this.#model = parts.model;
    this.#gateway = parts.gateway;
    this.#operator = parts.operator;
    this.#asked = parts.asked;
  }

  static async open(): Promise<AbortStage> {
    const asked: Parts['asked'] = new Map();
    const model = await startFakeModel({
      answer: ({ body }) => {
        const messages = (body?.messages ?? []) as ModelMessage[];
        const text = JSON.stringify(messages.findLast(({ role }) => role === 'user') ?? '');
        const runId = /run-\d+/.exec(text)?.[0];
        if (!runId) return undefined;
        const calls = messages.filter(({ tool_calls }) => tool_calls?.length).length;
        const known = asked.get(runId);
        if (!known) return undefined;
        known.count = calls + 1;
        known.tell();
        return turn(runId, calls, known.step);
      },
    });
    const home = await makeHome(config(model.url));
    const gateway = await startGateway({ env: home.env, cwd: home.dir });
    const operator = await connectOperator(gateway);
    return new AbortStage({ home, model, gateway, operator, asked });
  }

  get workspace(): string {
    return path.join(this.home.stateDir, 'workspace');
  }

  /** Starts a run, stops it at the moment, and waits until the gateway says that it is over. */
  async run(index: number, { step, delayMs }: AbortMoment): Promise<AbortedRun> {
    const runId = `run-${index}`;
    const folder = path.join(this.workspace, runId);
    await mkdir(folder, { recursive: true });
    await writeFile(path.join(folder, 'large.txt'), LARGE.old);
    for (const name of ['a.txt', 'b.txt']) await writeFile(path.join(folder, name), OLD_PART);
    const reached = this.#untilAsked(runId, step);
    const ended = this.#request('agent.wait', { runId, timeoutMs: 25_000 });
    await this.#request('chat.send', { sessionKey: runId, message: `Do ${runId}.`, idempotencyKey: runId });
    await Promise.race([reached, ended]);
    await after(delayMs);
    await this.#request('chat.abort', { sessionKey: runId, runId });
    const waited = await ended;
    return { runId, folder, asked: this.#asked.get(runId)?.count ?? 0, waited };
  }

  /** The events that ended a run; there must be one, now and at the end of all. */
  ends(runId: string): ChatEnd[] {
    const chat = this.#operator.events.filter(({ event }) => event === 'chat').map(({ payload }) => payload as ChatEnd);
    return chat.filter((payload) => payload.runId === runId && payload.state !== 'delta');
  }

  /** Everything in the folder of a run that is neither wholly as before nor wholly as it was to become. */
  async faultsOfFiles({ folder }: AbortedRun): Promise<string[]> {
    const names = (await readdir(folder)).sort();
    const read = (name: string) => readFile(path.join(folder, name), 'utf8');
    const [large, a, b] = [await read('large.txt'), await read('a.txt'), await read('b.txt')];
    return [
      ...(names.join() === 'a.txt,b.txt,large.txt' ? [] : [`files: ${names.join(', ')}`]),
      ...(large === LARGE.old || large === LARGE.new ? [] : [`large.txt has ${large.length} characters`]),
      ...(a === b && [OLD_PART, NEW_PART].includes(a) ? [] : [`patched by half: ${JSON.stringify([a, b])}`]),
    ];
  }

  /** Calls without a result, results without a call, and lines that are no JSON. */
  async faultsOfTranscript({ runId }: AbortedRun): Promise<string[]> {
    const messages = await this.#transcript(runId);
    const open: string[] = [];
    const faults: string[] = [];
    for (const { role, content, toolCallId } of messages) {
      if (role === 'toolResult' && !open.includes(toolCallId ?? '')) faults.push(`a result of nothing: ${toolCallId}`);
      if (role === 'toolResult') open.splice(open.indexOf(toolCallId ?? ''), 1);
      if (role === 'assistant' && open.length > 0) faults.push(`went on without a result: ${open.join(', ')}`);
      if (role === 'assistant' && Array.isArray(content)) open.push(...callsIn(content));
    }
    if (messages.filter(({ role }) => role === 'user').length !== 1) faults.push('the message is not there once');
    return [...faults, ...open.map((id) => `no result: ${id}`)];
  }

  /** Temporary files and the like, in the whole workspace. */
  async strayFiles(): Promise<string[]> {
    const names = await readdir(this.workspace, { recursive: true });
    return names.filter((name) => /\.tmp|\.bak|~$|\.part/.test(path.basename(name)));
  }

  /** Ends the gateway; whether it had nothing more to do, and what runs on after it. Again with the same. */
  close(): Promise<Closed> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  async #close(): Promise<Closed> {
    const wasIdle = this.#gateway.activeRuns() === 0;
    this.#operator.close();
    await this.#gateway.stop();
    await this.#model.close();
    await this.home.remove();
    return { wasIdle, left: await processesWith(MARK) };
  }

  #request(...call: Parameters<RawOperator['request']>): Promise<unknown> {
    return this.#operator.request(...call);
  }

  #untilAsked(runId: string, step: number): Promise<void> {
    return new Promise((resolve) => {
      const progress: Progress = { step, count: 0, tell: () => progress.count >= step && resolve() };
      this.#asked.set(runId, progress);
      progress.tell();
    });
  }

  async #transcript(runId: string): Promise<StoredMessage[]> {
    const folder = path.join(this.home.stateDir, 'agents', 'main', 'sessions');
    const answer = (await this.#request('sessions.list', { search: runId })) as {
      sessions: Array<{ key: string; sessionId: string }>;
    };
    const session = answer.sessions.find(({ key }) => key.endsWith(`:${runId}`));
    if (!session) return [];
    const text = await readFile(path.join(folder, `${session.sessionId}.jsonl`), 'utf8');
    const lines = text.split('\n').filter(Boolean);
    const entries = lines.map((line) => JSON.parse(line) as { type: string; message?: StoredMessage });
    return entries.flatMap(({ type, message }) => (type === 'message' && message ? [message] : []));
  }
}

/** How far a run came, and at which of its requests it is to be stopped. */
interface Progress {
  step: number;
  count: number;
  tell: () => void;
}

interface Parts {
  model: FakeModel;
  gateway: RunningGateway;
  operator: RawOperator;
  asked: Map<string, Progress>;
}

function callsIn(content: unknown[]): string[] {
  const blocks = content as Array<{ type: string; id: string }>;
  return blocks.filter(({ type }) => type === 'toolCall').map(({ id }) => id);
}

function config(baseUrl: string) {
  return {
    ...fakeModelConfig(baseUrl),
    gateway: { mode: 'local', auth: { mode: 'token', token: 'abort-anywhere-token-0123456789' } },
    tools: { profile: 'full', exec: { security: 'full', ask: 'off' } },
    logging: { level: 'error' },
  };
}

function turn(runId: string, calls: number, step: number): FakeTurnInput {
  const number = Number(runId.slice('run-'.length));
  const endless = number % STUBBORN_EACH === 0 ? [STUBBORN] : ENDLESS;
  const commands = step <= COMMAND_STEP ? endless : SHORT;
  const command = `MARK=${marker(runId)}; export MARK; ${commands[number % commands.length]}`;
  const turns: FakeTurnInput[] = [
    { tool: { name: 'write', args: { path: `${runId}/large.txt`, content: LARGE.new } } },
    { tool: { name: 'exec', args: { command, timeout: 60 } } },
    { tool: { name: 'apply_patch', args: { input: patch(runId) } } },
  ];
  const words = Array.from({ length: 20 }, (_, at) => [{ text: `Word ${at}. ` }, { delay: 10 }]);
  return turns[calls] ?? words.flat();
}

const marker = (runId: string): string => `${MARK}-${runId}-end`;

/** Ids of what still runs of a run's commands. */
export function processesOf({ runId }: AbortedRun): Promise<number[]> {
  return processesWith(marker(runId));
}
