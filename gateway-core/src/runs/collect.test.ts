import { afterEach, describe, expect, it } from 'vitest';
import type { OpenClawConfig } from '../config/index.js';
import { messageText } from '../protocol/index.js';
import { requireSessionKey } from '../sessions/index.js';
import type { Clock } from '../shared/clock.js';
import { type Bench, steps } from './testing/bench.js';
import { gate, said, Stages } from './testing/busy-run.js';

const stages = new Stages();
afterEach(() => stages.clear());

type Queue = NonNullable<NonNullable<OpenClawConfig['messages']>['queue']>;
const MAIN = requireSessionKey('main', 'main');
const HOLD = { calls: [{ name: 'hold' }] };
const DEBOUNCE_MS = 1_500;

/** Stands still until it is moved; `nextAlarm` resolves when something waits for a time `ms` from now. */
class StillClock implements Clock {
  #now = Date.parse('2026-11-21T12:00:00Z');
  readonly #alarms = new Set<{ at: number; run: () => void }>();
  readonly #looking = new Set<() => void>();

  now(): number {
    return this.#now;
  }

  after(delayMs: number, run: () => void) {
    const alarm = { at: this.#now + delayMs, run };
    this.#alarms.add(alarm);
    for (const look of this.#looking) look();
    return { cancel: () => void this.#alarms.delete(alarm) };
  }

  every() {
    return { cancel: () => undefined };
  }

  alarmIn(ms: number): Promise<void> {
    return new Promise((resolve) => {
      const look = () => {
        if (![...this.#alarms].some(({ at }) => at === this.#now + ms)) return;
        this.#looking.delete(look);
        resolve();
      };
      this.#looking.add(look);
      look();
    });
  }

  advance(ms: number): void {
    this.#now += ms;
    for (const alarm of [...this.#alarms]) {
      if (alarm.at > this.#now || !this.#alarms.delete(alarm)) continue;
      alarm.run();
    }
  }
}

/** A run r1 that stands at the tool `hold`, with messages configured as `queue`. */
async function busy(script: ReturnType<typeof steps>, queue: Queue) {
  const hold = gate();
  const clock = new StillClock();
  const config: OpenClawConfig = { messages: { queue: { debounceMs: DEBOUNCE_MS, ...queue } } };
  const bench = await stages.open({ script, config, clock, tools: [hold.tool] });
  await bench.chat('one', 'main', 'r1');
  await hold.reached();
  return { bench, hold, clock, config, requests: script.requests };
}

const endOrder = (bench: Bench) =>
  bench.of('chat').flatMap(({ runId, state }) => (state === 'delta' ? [] : [`${runId} ${state}`]));

describe('messages in mode collect', () => {
  it('are answered together by one run, once it was quiet for long enough', async () => {
    const { bench, hold, clock, requests } = await busy(steps(HOLD, { text: 'One.' }, { text: 'The rest.' }), {
      mode: 'collect',
    });
    await bench.chat('two', 'main', 'r2');
    await bench.chat('three', 'main', 'r3');
    hold.open();
    await bench.ended('r1');
    await clock.alarmIn(DEBOUNCE_MS);
    clock.advance(1_000);
    await bench.chat('four', 'main', 'r4');
    clock.advance(500);
    // The fourth began the quiet time anew.
    await clock.alarmIn(1_000);
    expect(requests).toHaveLength(2);
    expect(said(requests[1]?.messages)).toEqual(['user one', 'assistant ', 'toolResult held']);
    clock.advance(1_000);
    await bench.ended('r4');
    expect(requests).toHaveLength(3);
    expect(said(requests[2]?.messages).slice(-4)).toEqual(['assistant One.', 'user two', 'user three', 'user four']);
    expect(endOrder(bench)).toEqual(['r1 final', 'r2 final', 'r3 final', 'r4 final']);
    const answers = ['r2', 'r3', 'r4'].map((runId) => bench.endsOf(runId)[0]?.message);
    expect(answers.map((message) => message && messageText(message))).toEqual(['The rest.', undefined, undefined]);
    expect(said(await bench.history()).slice(-4)).toEqual([
      ...['user two', 'user three', 'user four', 'assistant The rest.'],
    ]);
  });

  it('do not wait where nothing is under way', async () => {
    const bench = await stages.open({
      script: steps({ text: 'Now.' }),
      config: { messages: { queue: { mode: 'collect' } } },
      clock: new StillClock(),
    });
    await bench.chat('one', 'main', 'r1');
    await bench.ended('r1');
    expect(said(await bench.history())).toEqual(['user one', 'assistant Now.']);
  });

  it('that are stopped while they wait end at once, and the next message runs', async () => {
    const { bench, hold, clock, requests } = await busy(steps(HOLD, { text: 'One.' }, { text: 'Three.' }), {
      mode: 'collect',
    });
    await bench.chat('two', 'main', 'r2');
    hold.open();
    await bench.ended('r1');
    await clock.alarmIn(DEBOUNCE_MS);
    await bench.call('chat.abort', { sessionKey: 'main' });
    expect(endOrder(bench)).toEqual(['r1 final', 'r2 aborted']);
    await bench.chat('three', 'main', 'r3');
    await bench.ended('r3');
    expect(requests).toHaveLength(3);
  });

  it('go with their own kind: a run over HTTP in between has its own', async () => {
    const { bench, hold, clock, requests } = await busy(
      steps(HOLD, { text: 'One.' }, { text: 'HTTP.' }, { text: 'Rest.' }),
      { mode: 'collect' },
    );
    await bench.runs.startRun({ kind: 'http', key: MAIN, message: 'machine', runId: 'h' });
    await bench.chat('two', 'main', 'r2');
    await bench.chat('three', 'main', 'r3');
    hold.open();
    await bench.ended('h');
    await clock.alarmIn(DEBOUNCE_MS);
    clock.advance(DEBOUNCE_MS);
    await bench.ended('r3');
    expect(said(requests[2]?.messages).slice(-2)).toEqual(['assistant One.', 'user machine']);
    expect(said(requests[3]?.messages).slice(-3)).toEqual(['assistant HTTP.', 'user two', 'user three']);
  });
});

describe('more messages than may wait', () => {
  const NUMBERS = ['two', 'three', 'four', 'five'];

  /** What became of r2 to r5 when two of them may wait. */
  async function flood(drop: Queue['drop']) {
    const script = steps(HOLD, { text: 'One.' }, { text: 'Rest.' }, { text: 'More.' });
    const made = await busy(script, { mode: 'collect', cap: 2, drop, debounceMs: 0 });
    const refused: unknown[] = [];
    for (const [at, text] of NUMBERS.entries()) {
      await made.bench.chat(`${text}\nand more`, 'main', `r${at + 2}`).catch((error: unknown) => refused.push(error));
    }
    made.hold.open();
    return { ...made, refused };
  }

  it('drop the oldest, which say so and are not read by the model', async () => {
    const { bench, requests } = await flood('old');
    await bench.ended('r5');
    expect(endOrder(bench)).toEqual(['r2 error', 'r3 error', 'r1 final', 'r4 final', 'r5 final']);
    expect(bench.endsOf('r2')).toMatchObject([{ errorDetail: { code: 'run.dropped' } }]);
    expect(said(requests[2]?.messages)).toEqual([
      ...['user one', 'assistant ', 'toolResult held', 'assistant One.', 'user four\nand more', 'user five\nand more'],
    ]);
    const history = await bench.history();
    expect(said(history)).toContain('user two\nand more');
    expect(history.filter(({ errorCode }) => errorCode === 'run.dropped')).toHaveLength(2);
    expect(await bench.call('agent.wait', { runId: 'r2' })).toMatchObject({ status: 'error' });
    await bench.stop();
    const again = await stages.open({ home: await stages.snapshot(bench), script: steps() });
    expect(await again.runs.resumeInterrupted()).toBe(0);
  });

  it('refuse the newest, of which nothing is stored', async () => {
    const { bench, refused, requests } = await flood('new');
    await bench.ended('r3');
    expect(refused).toMatchObject([{ code: 'run.queue_full' }, { code: 'run.queue_full' }]);
    expect(endOrder(bench)).toEqual(['r1 final', 'r2 final', 'r3 final']);
    expect(said(requests[2]?.messages).slice(-2)).toEqual(['user two\nand more', 'user three\nand more']);
    expect(said(await bench.history()).join()).not.toContain('four');
    expect(bench.runs.find('r4')).toBeUndefined();
    // There is room again.
    await bench.chat('six', 'main', 'r6');
    await bench.ended('r6');
  });

  it('refuse no fewer when they come all at once', async () => {
    const { bench, hold } = await busy(steps(HOLD, { text: 'One.' }), { mode: 'collect', cap: 2, drop: 'new' });
    const sent = await Promise.allSettled(NUMBERS.map((text, at) => bench.chat(text, 'main', `r${at + 2}`)));
    expect(sent.filter(({ status }) => status === 'rejected')).toHaveLength(2);
    hold.open();
  });

  it('leave a line about the oldest in front of the next prompt, and of every later one', async () => {
    const { bench, requests } = await flood('summarize');
    await bench.ended('r5');
    expect(bench.endsOf('r2')).toMatchObject([{ state: 'error', errorDetail: { code: 'run.dropped_briefly' } }]);
    const [list, ...rest] = said(requests[2]?.messages).slice(4);
    expect(list).toMatch(/^user More messages came than may wait\..*\n- .*two\n- .*three$/);
    expect(rest).toEqual(['user four\nand more', 'user five\nand more']);
    await bench.chat('six', 'main', 'r6');
    await bench.ended('r6');
    expect(said(requests[3]?.messages)[4]).toBe(list);
  });
});

describe('a message in mode interrupt', () => {
  it('stops what runs and what waits, and is answered', async () => {
    const { bench, requests, config } = await busy(steps(HOLD, { text: 'Three.' }), { mode: 'followup' });
    await bench.chat('two', 'main', 'r2');
    config.messages = { queue: { mode: 'interrupt' } };
    await bench.chat('three', 'main', 'r3');
    await bench.ended('r3');
    expect(bench.endsOf('r1')).toMatchObject([{ state: 'aborted', stopReason: 'stop' }]);
    expect(bench.endsOf('r2')).toMatchObject([{ state: 'aborted', stopReason: 'stop' }]);
    expect(endOrder(bench).at(-1)).toBe('r3 final');
    expect(requests).toHaveLength(2);
    expect(said(requests[1]?.messages).at(-1)).toBe('user three');
  });

  it('stops nothing that is not on its terms', async () => {
    const hold = gate();
    const script = steps(HOLD, { text: 'One.' }, { text: 'Two.' }, { text: 'Three.' });
    const config: OpenClawConfig = { messages: { queue: { mode: 'interrupt' } } };
    const bench = await stages.open({ script, config, tools: [hold.tool] });
    await bench.runs.startRun({ kind: 'http', key: MAIN, message: 'machine', runId: 'h' });
    await hold.reached();
    await bench.chat('two', 'main', 'r2');
    const origin = { channel: 'chat', senderId: 'stranger', isOwner: false };
    await bench.runs.startRun({ kind: 'chat', key: MAIN, message: 'three', runId: 'r3', origin });
    hold.open();
    await bench.ended('r3');
    expect(endOrder(bench)).toEqual(['h final', 'r2 final', 'r3 final']);
  });
});
