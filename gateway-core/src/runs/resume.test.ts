import { cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { type Message, messageText } from '../protocol/index.js';
import { silentLogger } from '../shared/logger.js';
import { textResult } from '../tools/index.js';
import { type JournalRun, readUnderWay, RunJournal } from './run-journal.js';
import { deferred } from './run-record.js';
import { Bench, type BenchOptions, hangsAfter, type Script, START, steps, tool } from './testing/bench.js';

const benches: Bench[] = [];
const folders: string[] = [];

async function open(options: BenchOptions): Promise<Bench> {
  const bench = await Bench.open(options);
  benches.push(bench);
  return bench;
}

/** What the disk holds at this moment, as a killed process would leave it. */
async function snapshot(bench: Bench): Promise<string> {
  const home = await mkdtemp(path.join(tmpdir(), 'resume-'));
  folders.push(home);
  await cp(bench.home, home, { recursive: true });
  return home;
}

afterEach(async () => {
  for (const bench of benches.splice(0)) await bench.remove();
  for (const folder of folders.splice(0)) await rm(folder, { recursive: true, force: true });
});

const texts = (messages: Message[]) => messages.map((message) => `${message.role} ${messageText(message)}`);

/** Begins a run that hangs in `script` or in the tool `hang`, and returns the disk as it is then. */
async function interrupted(
  script: Script,
  prepare: (bench: Bench) => Promise<unknown> = (bench) => bench.chat('go', 'main', 'r1'),
) {
  const reached = deferred<void>();
  const hang = tool('hang', (_args, { signal }) => {
    reached.resolve();
    return new Promise((_resolve, reject) => signal.addEventListener('abort', () => reject(signal.reason as Error)));
  });
  const hanging: Script = async function* (request, signal) {
    for await (const event of script(request, signal)) {
      yield event;
      if (event.type === 'text' && event.text === 'hanging') reached.resolve();
    }
  };
  const bench = await open({ script: hanging, tools: [hang, counted] });
  await prepare(bench);
  await reached.promise;
  return snapshot(bench);
}

let count = 0;
const counted = tool('count', () => {
  count += 1;
  return textResult(`${count}`);
});

describe('a run that the end of the process cut off', () => {
  it('goes on under its id and answers once', async () => {
    const home = await interrupted(hangsAfter('hanging'));
    const bench = await open({ home, script: steps({ text: 'Here I am.' }) });
    expect(await bench.runs.resumeInterrupted()).toBe(1);
    await bench.ended('r1');
    expect(bench.endsOf('r1')).toMatchObject([{ state: 'final' }]);
    expect(texts(await bench.history())).toEqual(['user go', 'assistant Here I am.']);
    const { sessions } = await bench.call('sessions.list', {});
    expect(sessions[0]).toMatchObject({ status: 'done', abortedLastRun: false });
    expect(await bench.runs.resumeInterrupted()).toBe(0);
  });

  it('in the middle of a tool tells the model that nothing is known of it', async () => {
    const home = await interrupted(steps({ text: 'First.', calls: [{ name: 'count' }, { name: 'hang' }] }));
    const script = steps({ text: 'I checked.' });
    const bench = await open({ home, script, tools: [counted] });
    await bench.runs.resumeInterrupted();
    await bench.ended('r1');
    const [request] = script.requests;
    expect(request?.messages.map(({ role }) => role)).toEqual(['user', 'assistant', 'toolResult', 'toolResult']);
    expect(messageText(request?.messages[3] as Message)).toContain('Whether it took effect is unknown');
    const history = await bench.history();
    expect(history.map(({ role }) => role)).toEqual(['user', 'assistant', 'toolResult', 'toolResult', 'assistant']);
    const { message } = bench.endsOf('r1')[0] ?? {};
    expect(message && messageText(message)).toBe('First.\n\nI checked.');
  });

  it('after a tool had answered does not call it again', async () => {
    count = 0;
    const asked = steps({ calls: [{ name: 'count' }] });
    const script: Script = async function* (request, signal) {
      if (asked.requests.length === 0) yield* asked(request, signal);
      else yield* hangsAfter('hanging')(request, signal);
    };
    const home = await interrupted(script);
    expect(count).toBe(1);
    const after = steps({ text: 'It was 1.' });
    const bench = await open({ home, script: after, tools: [counted] });
    await bench.runs.resumeInterrupted();
    await bench.ended('r1');
    expect(count).toBe(1);
    expect(messageText(after.requests[0]?.messages.at(-1) as Message)).toBe('1');
  });

  it('is followed by the messages that waited behind it', async () => {
    const home = await interrupted(hangsAfter('hanging'), async (bench) => {
      await bench.chat('one', 'main', 'r1');
      await bench.chat('two', 'main', 'r2');
    });
    const script = steps({ text: 'first' }, { text: 'second' });
    const bench = await open({ home, script });
    expect(await bench.runs.resumeInterrupted()).toBe(2);
    await bench.ended('r2');
    expect(texts(await bench.history())).toEqual(['user one', 'assistant first', 'user two', 'assistant second']);
  });

  it('is the run that a client asks for again', async () => {
    const home = await interrupted(hangsAfter('hanging'));
    const bench = await open({ home, script: steps({ text: 'ok' }) });
    await bench.chat('go', 'main', 'r1');
    expect(await bench.runs.resumeInterrupted()).toBe(0);
    await bench.ended('r1');
    expect(texts(await bench.history())).toEqual(['user go', 'assistant ok']);
  });
});

it('a task of many steps comes to its end wherever the process ends in between', { timeout: 60_000 }, async () => {
  const STEPS = 6;
  const homes: string[] = [];
  let bench: Bench | undefined = undefined as Bench | undefined;
  const keep = async () => void (bench && homes.push(await snapshot(bench)));
  /** Knows from the conversation alone how far it is, as a model does. */
  const worker = (onCall: () => Promise<void>): Script =>
    async function* (request) {
      await onCall();
      const done = request.messages.filter(({ role }) => role === 'toolResult').length;
      yield START;
      if (done < STEPS) yield { type: 'toolCall', id: 'same', name: 'work', arguments: { step: done } };
      else yield { type: 'text', text: 'All done.' };
      yield { type: 'stop', reason: done < STEPS ? 'toolUse' : 'stop' };
    };
  const slow = tool('work', async () => {
    await keep();
    return textResult('worked');
  });
  bench = await open({ script: worker(keep), tools: [slow] });
  await bench.chat('go', 'main', 'r1');
  await bench.ended('r1');
  expect(homes).toHaveLength(2 * STEPS + 1);
  const quick = tool('work', () => textResult('worked'));
  for (const home of homes) {
    const again = await open({ home, script: worker(() => Promise.resolve()), tools: [quick] });
    expect(await again.runs.resumeInterrupted()).toBe(1);
    await again.ended('r1');
    expect(again.endsOf('r1')).toMatchObject([{ state: 'final' }]);
    const history = await again.history();
    const ids = history.flatMap(({ toolCallId }) => toolCallId ?? []);
    expect(new Set(ids).size).toBe(STEPS);
    expect(ids).toHaveLength(STEPS);
    expect(messageText(history.at(-1) as Message)).toBe('All done.');
  }
});

describe('a run does not go on', () => {
  const resumed = async (home: string, options: Partial<BenchOptions> = {}) => {
    const bench = await open({ home, script: steps({ text: 'again' }), ...options });
    return bench.runs.resumeInterrupted();
  };

  it('when it is more than an hour old', async () => {
    const home = await interrupted(hangsAfter('hanging'));
    const later = Date.now() + 61 * 60_000;
    const clock = {
      now: () => later,
      after: () => ({ cancel: () => undefined }),
      every: () => ({ cancel: () => undefined }),
    };
    const bench = await open({ home, script: steps({ text: 'again' }), clock });
    expect(await bench.runs.resumeInterrupted()).toBe(0);
    expect(bench.endsOf('r1')).toMatchObject([{ state: 'error', errorDetail: { code: 'run.interrupted' } }]);
    const history = await bench.history();
    expect(history.at(-1)).toMatchObject({ role: 'assistant', stopReason: 'error', errorCode: 'run.interrupted' });
    const { sessions } = await bench.call('sessions.list', {});
    expect(sessions[0]).toMatchObject({ status: 'failed' });
    expect(await bench.runs.resumeInterrupted()).toBe(0);
    expect(bench.endsOf('r1')).toHaveLength(1);
  });

  it('after three attempts', async () => {
    let home = await interrupted(hangsAfter('hanging'));
    const counts: number[] = [];
    let said: unknown[] = [];
    for (let attempt = 0; attempt < 3; attempt += 1) {
      const reached = deferred<void>();
      const script: Script = async function* (request, signal) {
        reached.resolve();
        yield* hangsAfter('x')(request, signal);
      };
      const bench = await open({ home, script });
      const going = await bench.runs.resumeInterrupted();
      counts.push(going);
      if (going > 0) await reached.promise;
      said = bench.endsOf('r1');
      home = await snapshot(bench);
    }
    expect(counts).toEqual([1, 1, 0]);
    expect(said).toMatchObject([{ state: 'error', errorDetail: { code: 'run.interrupted' } }]);
  });

  it('when it was stopped', async () => {
    const bench = await open({ script: hangsAfter('x') });
    await bench.chat('go', 'main', 'r1');
    await bench.until(() => bench.of('chat').length > 0);
    await bench.call('chat.abort', { sessionKey: 'main' });
    await bench.stop();
    expect(await resumed(await snapshot(bench))).toBe(0);
  });

  it('when nobody waits for it: runs over HTTP', async () => {
    const key = { key: 'agent:main:http', agentId: 'main', rest: 'http' };
    const home = await interrupted(hangsAfter('hanging'), (bench) =>
      bench.runs.startRun({ kind: 'http', key, message: 'x' }),
    );
    expect(await resumed(home)).toBe(0);
  });

  it('when its conversation began anew', async () => {
    const home = await interrupted(hangsAfter('hanging'));
    const bench = await open({ home, script: steps() });
    await bench.store.reset('agent:main:main', 'main');
    expect(await bench.runs.resumeInterrupted()).toBe(0);
  });

  it('when only its end was not written down', async () => {
    const bench = await open({ script: steps({ text: 'complete' }) });
    await bench.chat('go', 'main', 'r1');
    await bench.ended('r1');
    const file = path.join(bench.home, 'state', 'runs', 'journal.jsonl');
    await bench.stop();
    const lines = (await readFile(file, 'utf8')).split('\n').filter((line) => !line.includes('"end"'));
    await writeFile(file, lines.join('\n'));
    const again = await open({ home: await snapshot(bench), script: steps({ text: 'once more' }) });
    expect(await again.runs.resumeInterrupted()).toBe(0);
    expect(texts(await again.history())).toEqual(['user go', 'assistant complete']);
  });
});

describe('the journal of runs', () => {
  const run = (runId: string, acceptedAt = 1): JournalRun => ({
    ...{ runId, key: 'agent:main:main', rawKey: 'main', agentId: 'main', sessionId: 's', kind: 'chat' },
    ...{ acceptedAt, attempts: 1 },
  });
  const line = (value: unknown) => `${JSON.stringify(value)}\n`;

  it('reads what began and did not end, and no more than that of a torn file', () => {
    const text = [
      line({ op: 'run', run: run('b', 2) }),
      line({ op: 'run', run: run('a', 1) }),
      line({ op: 'run', run: run('c') }),
    ];
    const rest = [line({ op: 'end', runId: 'c' }), 'nonsense\n', '{"op":"run","run":{"runId":"d'];
    expect(readUnderWay([...text, ...rest].join('')).map(({ runId }) => runId)).toEqual(['a', 'b']);
  });

  it('stays small over many runs and keeps those under way', async () => {
    const folder = await mkdtemp(path.join(tmpdir(), 'journal-'));
    folders.push(folder);
    const file = path.join(folder, 'runs', 'journal.jsonl');
    const journal = new RunJournal(file, silentLogger);
    await journal.begin(run('long'));
    for (let index = 0; index < 3_000; index += 1) {
      void journal.begin(run(`${index}`));
      await journal.end(`${index}`);
    }
    await journal.close();
    const text = await readFile(file, 'utf8');
    expect(text.split('\n').length).toBeLessThan(2_100);
    expect(readUnderWay(text).map(({ runId }) => runId)).toEqual(['long']);
    const next = new RunJournal(file, silentLogger);
    expect((await next.leftBehind()).map(({ runId }) => runId)).toEqual(['long']);
    await next.close();
    expect((await readFile(file, 'utf8')).split('\n')).toHaveLength(2);
  });

  it('that cannot be written is done without', async () => {
    const folder = await mkdtemp(path.join(tmpdir(), 'journal-'));
    folders.push(folder);
    await writeFile(path.join(folder, 'runs'), 'a file where the folder should be');
    const journal = new RunJournal(path.join(folder, 'runs', 'journal.jsonl'), silentLogger);
    await journal.begin(run('a'));
    await journal.end('a');
    await journal.close();
  });
});
