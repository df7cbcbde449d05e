import { getEventListeners } from 'node:events';
import { readdir } from 'node:fs/promises';
import path from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { messageText } from '../protocol/index.js';
import { Bench, hangsAfter, says, type Script, START } from './testing/bench.js';

const KEY = 'agent:main:main';
const MAIN = { key: KEY, agentId: 'main', rest: 'main' };

let bench: Bench;
afterEach(() => bench.remove());

async function transcripts(): Promise<string[]> {
  const folder = path.join(bench.home, 'state', 'agents', 'main', 'sessions');
  return (await readdir(folder)).filter((name) => name.endsWith('.jsonl'));
}

describe('a conversation that is reset', () => {
  it('ends what waited in it with one event, and is not touched by it', async () => {
    bench = await Bench.open({ script: hangsAfter('…') });
    await bench.chat('one', 'main', 'r1');
    await bench.until(() => bench.of('chat').some(({ runId }) => runId === 'r1'));
    await bench.chat('two', 'main', 'r2');
    const fresh = await bench.store.reset(KEY, 'main');
    await bench.runs.abort({ key: KEY, runId: 'r1', stopReason: 'rpc' });
    await bench.ended('r2');
    expect(bench.endsOf('r1').map(({ state }) => state)).toEqual(['aborted']);
    const [end, ...others] = bench.endsOf('r2');
    expect(end).toMatchObject({ state: 'error', errorDetail: { code: 'session.not_found' } });
    expect(others).toEqual([]);
    expect((await bench.store.find(KEY))?.entry).toEqual(fresh);
    expect(await bench.history()).toEqual([]);
    expect(await transcripts()).toEqual([]);
  });

  it('at the moment a message comes either has it or had it, and never loses an acknowledged one on the way', async () => {
    bench = await Bench.open({ script: says('yes') });
    for (let round = 0; round < 12; round += 1) {
      await bench.chat('before', 'main', `before-${round}`);
      await bench.ended(`before-${round}`);
      const runId = `r${round}`;
      const resetting = bench.store.reset(KEY, 'main');
      // A little later in every round.
      for (let turns = 0; turns < round; turns += 1) await new Promise((resolve) => setImmediate(resolve));
      const [fresh] = await Promise.all([resetting, bench.chat('at this moment', 'main', runId)]);
      await bench.ended(runId);
      const [end, ...others] = bench.endsOf(runId);
      expect(others).toEqual([]);
      const shown = (await bench.history()).map((message) => messageText(message));
      if (end?.state === 'final') expect(shown).toEqual(['at this moment', 'yes']);
      else expect(end).toMatchObject({ errorDetail: { code: 'session.not_found' } });
      expect(await transcripts()).toEqual(end?.state === 'final' ? [`${fresh.sessionId}.jsonl`] : []);
    }
  });

  it('ends a command that was under way with one event', async () => {
    bench = await Bench.open({ script: says('yes') });
    await bench.chat('one', 'main', 'r1');
    await bench.ended('r1');
    const text = async () => {
      await bench.store.reset(KEY, 'main');
      return 'Done.';
    };
    await bench.runs.reply({ kind: 'chat', key: MAIN, rawKey: 'main', runId: 'c1', command: '/compact', text });
    await bench.ended('c1');
    expect(bench.endsOf('c1').map(({ state }) => state)).toEqual(['error']);
    expect(bench.runs.active()).toBe(0);
  });
});

describe('a run that is over', () => {
  it('holds on to nothing of what it was asked', async () => {
    const signals: AbortSignal[] = [];
    const script: Script = async function* (_request, signal) {
      signals.push(signal);
      yield START;
      yield { type: 'text', text: 'yes' };
      yield { type: 'stop', reason: 'stop' };
    };
    bench = await Bench.open({ script });
    await bench.chat('one', 'main', 'r1');
    await bench.ended('r1');
    await new Promise((resolve) => setImmediate(resolve));
    expect(signals.map((signal) => getEventListeners(signal, 'abort').length)).toEqual([0]);
  });
});

describe('a long conversation', () => {
  const said = (role: 'user' | 'assistant', text: string) => ({
    role,
    content: [{ type: 'text' as const, text }],
    timestamp: Date.now(),
  });

  async function seed(count: number, summary?: string): Promise<void> {
    const { created: _created, ...found } = await bench.store.findOrCreate(KEY, 'main');
    await bench.store.append(found, said('user', 'the very first'));
    if (summary !== undefined) {
      await bench.store.appendCompaction(found, { summary, firstKeptEntryId: null, tokensBefore: 1 });
    }
    const roles = ['user', 'assistant'] as const;
    const lines = Array.from({ length: count }, (_, at) => said(roles[at % 2] ?? 'user', `line ${at}`));
    await Promise.all(lines.map((message) => bench.store.append(found, message, { durable: false })));
  }

  async function promptTexts(): Promise<string[]> {
    const { chat, until } = bench;
    await chat.call(bench, 'and now', 'main', 'r1');
    await until.call(bench, () => bench.endsOf('r1').length > 0);
    return seen.map((message) => messageText(message));
  }

  let seen: Parameters<typeof messageText>[0][] = [];
  const script: Script = async function* (request) {
    seen = [...request.messages];
    yield START;
    yield { type: 'stop', reason: 'stop' };
  };

  it('is told with its summary, however many messages came after', async () => {
    bench = await Bench.open({ script });
    await seed(900, 'THE NOTES');
    const [first, ...rest] = await promptTexts();
    expect(first).toContain('THE NOTES');
    expect(rest).toHaveLength(901);
  });

  it('is told whole while it fits', async () => {
    bench = await Bench.open({ script });
    await seed(900);
    expect((await promptTexts())[0]).toBe('the very first');
  });
});
