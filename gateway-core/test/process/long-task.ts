// A task of thirty steps for a scripted model: what it calls next follows from what the conversation holds.
import type { FakeTurnInput, RecordedRequest } from '../../../e2e/fixtures/fake-model.js';

export const TASK = 'TASK: build the guest book, try it in the browser, plan its upkeep.';
export const DONE = 'The guest book is built, tried and planned.';
const SUBTASK = 'SUBTASK: count to three.';
const SUBTASK_DONE = 'One, two, three.';

interface ChatMessage {
  role: string;
  content?: unknown;
  tool_calls?: Array<{ id: string; function: { name: string; arguments: string } }>;
}

interface Call {
  name: string;
  args: Record<string, unknown>;
}

const SERVER = `const { createServer } = require('node:http');
const { appendFileSync, existsSync, readFileSync } = require('node:fs');
const page = '<title>TITLE</title><form><label>Name <input name="name" aria-label="Name"></label><button>Sign</button></form>';
createServer((request, response) => {
  const name = new URL(request.url, 'http://localhost').searchParams.get('name');
  const known = existsSync('guests.txt') ? readFileSync('guests.txt', 'utf8').split('\\n') : [];
  if (name && !known.includes(name)) appendFileSync('guests.txt', name + '\\n');
  response.setHeader('content-type', 'text/html');
  response.end(name ? '<h1>Thank you, ' + name.replace(/[^a-z]/gi, '') + '</h1>' : page);
}).listen(Number(process.argv[2]), '127.0.0.1', () => console.log('guest book is open'));
`;

const PATCH = `*** Begin Patch
*** Add File: README.txt
+A guest book.
*** Update File: notes.md
@@
 # Guest book
-It has no page yet.
+It has one page.
*** End Patch`;

/** Text of a message, whatever its shape. */
function textOf({ content }: ChatMessage): string {
  return typeof content === 'string' ? content : JSON.stringify(content ?? '');
}

export interface TaskFacts {
  port: number;
  /** Which start of the gateway this is; commands in the background end with it. */
  life: () => number;
}

export class LongTask {
  readonly #facts: TaskFacts;
  /** The life in which the server was started and its page was opened. */
  #servedIn = 0;
  #openedIn = 0;
  /** The next step on the page that is to be done again. */
  #again = Number.POSITIVE_INFINITY;

  constructor(facts: TaskFacts) {
    this.#facts = facts;
  }

  /** What the model says to a request; undefined for one that is none of ours. */
  answer(request: RecordedRequest): { step: number; turn: FakeTurnInput } | undefined {
    const messages = (request.body?.messages ?? []) as ChatMessage[];
    if (messages.some((message) => message.role === 'user' && textOf(message).includes(SUBTASK))) {
      return { step: -1, turn: { text: SUBTASK_DONE } };
    }
    const start = messages.findLastIndex((message) => message.role === 'user' && textOf(message).includes(TASK));
    if (start < 0) return undefined;
    const since = messages.slice(start);
    const call = this.#next(since);
    return { step: call.step, turn: call.turn };
  }

  #next(since: ChatMessage[]): { step: number; turn: FakeTurnInput } {
    const done = this.#doneSteps(since);
    const repair = this.#repair(done.length, since);
    if (repair) return { step: done.length, turn: { tool: repair } };
    const step = STEPS[done.length];
    if (!step) return { step: done.length, turn: { text: DONE } };
    const call = step({ port: this.#facts.port, since });
    if (call.name === 'exec' && call.args.background) this.#servedIn = this.#facts.life();
    if (call.name === 'browser' && call.args.action === 'open') this.#openedIn = this.#facts.life();
    return { step: done.length, turn: { tool: call } };
  }

  /** The steps of the list that were called, in order; repairs are not of the list. */
  #doneSteps(since: ChatMessage[]): string[] {
    const ids = since.flatMap((message) => message.tool_calls ?? []).map((call) => call.id);
    return ids.filter((id) => !id.startsWith('repair'));
  }

  /** After a kill the server and the browser are gone: an agent would see that and start them again. */
  #repair(done: number, since: ChatMessage[]): (Call & { id: string }) | undefined {
    const life = this.#facts.life();
    const id = `repair_${since.length}_${life}`;
    const needsServer = done > SERVER_STEP && done <= LAST_SERVER_STEP && this.#servedIn !== life;
    if (needsServer) {
      this.#servedIn = life;
      return { id, ...serve(this.#facts.port) };
    }
    if (done <= OPEN_STEP || done > LAST_PAGE_STEP) return undefined;
    if (this.#openedIn !== life) this.#again = OPEN_STEP;
    this.#openedIn = life;
    // What was done on the page is done on the new one, up to where the task stood.
    const step = this.#again < done ? STEPS[this.#again] : undefined;
    this.#again += 1;
    return step && { id, ...step({ port: this.#facts.port, since }) };
  }
}

interface StepFacts {
  port: number;
  since: ChatMessage[];
}

const serve = (port: number): Call => ({
  name: 'exec',
  args: { command: `exec node server.js ${port}`, background: true },
});
const open = (port: number): Call => ({
  name: 'browser',
  args: { action: 'open', url: `http://127.0.0.1:${port}/` },
});

/** The id of the command in the background, as the last answer of exec named it. */
function background({ since }: StepFacts): string {
  const said = since.filter(({ role }) => role === 'tool').map(textOf);
  const ids = said.flatMap((text) => [...text.matchAll(/session ([\w-]+)/gi)].map((match) => match[1] ?? ''));
  return ids.at(-1) ?? '';
}

/** The mark of an element in the last picture of the page. */
function ref({ since }: StepFacts, element: RegExp): string {
  const pages = since.filter(({ role }) => role === 'tool').map(textOf);
  const lines = pages.flatMap((text) => text.split(/\n|\\n/)).filter((line) => element.test(line));
  return /ref=(e\d+)/.exec(lines.at(-1) ?? '')?.[1] ?? 'e0';
}

const tool = (name: string, args: Record<string, unknown>) => (): Call => ({ name, args });

/** Number of steps before the server is started, and so on: what `#repair` goes by. */
const SERVER_STEP = 6;
const LAST_SERVER_STEP = 15;
const OPEN_STEP = 9;
const LAST_PAGE_STEP = 14;

type Step = (facts: StepFacts) => Call;

export const STEPS: readonly Step[] = [
  tool('write', { path: 'notes.md', content: '# Guest book\nIt has no page yet.\n' }),
  tool('write', { path: 'server.js', content: SERVER }),
  tool('read', { path: 'server.js' }),
  tool('edit', { path: 'server.js', edits: [{ oldText: 'TITLE', newText: 'Guest book' }] }),
  tool('apply_patch', { input: PATCH }),
  tool('exec', { command: 'ls && cat notes.md' }),
  ({ port }) => serve(port),
  (facts) => ({ name: 'process', args: { action: 'poll', sessionId: background(facts), timeout: 5000 } }),
  ({ port }) => ({
    name: 'exec',
    args: {
      command: `for i in 1 2 3 4 5 6 7 8 9 10; do node -e "fetch('http://127.0.0.1:${port}/').then(()=>process.exit(0),()=>setTimeout(()=>process.exit(1),300))" && break; done`,
    },
  }),
  ({ port }) => open(port),
  tool('browser', { action: 'snapshot' }),
  (facts) => ({ name: 'browser', args: { action: 'act', kind: 'type', ref: ref(facts, /textbox/), text: 'Ada' } }),
  (facts) => ({ name: 'browser', args: { action: 'act', kind: 'click', ref: ref(facts, /button/) } }),
  tool('browser', { action: 'snapshot' }),
  tool('browser', { action: 'screenshot' }),
  tool('exec', { command: 'cat guests.txt' }),
  tool('cron', {
    action: 'add',
    job: {
      name: 'upkeep',
      schedule: { kind: 'cron', expr: '0 9 * * *', tz: 'Europe/Berlin' },
      sessionTarget: 'isolated',
      payload: { kind: 'agentTurn', message: 'Look after the guest book.' },
    },
  }),
  tool('cron', { action: 'list' }),
  tool('sessions_spawn', { task: SUBTASK, label: 'counter' }),
  tool('sessions_yield', {}),
  tool('subagents', { action: 'list' }),
  tool('write', { path: 'memory/guest-book.md', content: '# Guest book\nThe guest book greets Ada.\n' }),
  tool('memory_search', { query: 'who does the guest book greet' }),
  tool('memory_get', { path: 'memory/guest-book.md' }),
  tool('sessions_list', {}),
  tool('session_status', {}),
  tool('agents_list', {}),
  tool('edit', { path: 'notes.md', edits: [{ oldText: 'one page', newText: 'one page and one guest' }] }),
  tool('exec', { command: 'wc -l < guests.txt' }),
  tool('read', { path: 'notes.md' }),
];
