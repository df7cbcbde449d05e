import { describe, expect, it } from 'vitest';
import type { AgentEvent, ChatEvent } from '../protocol/index.js';
import type { Clock } from '../shared/clock.js';
import type { Broadcast } from '../shared/wire.js';
import { RunOutput } from './run-output.js';

/** A clock that moves only when told, running the timers it passes. */
function handClock() {
  let now = 0;
  let timers: Array<{ at: number; run: () => void }> = [];
  const clock: Clock = {
    now: () => now,
    after(delayMs, run) {
      const timer = { at: now + delayMs, run };
      timers.push(timer);
      return { cancel: () => void (timers = timers.filter((other) => other !== timer)) };
    },
    every: () => ({ cancel: () => undefined }),
  };
  const advance = (ms: number) => {
    for (const end = now + ms; ;) {
      const due = timers.filter((timer) => timer.at <= end).sort((a, b) => a.at - b.at)[0];
      now = due?.at ?? end;
      if (!due) return;
      timers = timers.filter((timer) => timer !== due);
      due.run();
    }
  };
  return { clock, advance, pending: () => timers.length };
}

function openOutput() {
  const chat: ChatEvent[] = [];
  const agent: AgentEvent[] = [];
  let characters = 0;
  const broadcast: Broadcast = (event, payload) => {
    characters += JSON.stringify(payload).length;
    if (event === 'chat') chat.push(payload as ChatEvent);
    if (event === 'agent') agent.push(payload as AgentEvent);
  };
  const time = handClock();
  const output = new RunOutput({ runId: 'r', sessionKey: 'agent:main:main', broadcast, clock: time.clock });
  return { output, chat, agent, time, characters: () => characters };
}

describe('the output of a run', () => {
  it('of 2,000 quick chunks is a few events that together say everything once', () => {
    const { output, chat, agent, time } = openOutput();
    let said = '';
    for (let index = 0; index < 2000; index += 1) {
      const chunk = `word${index} `;
      said += chunk;
      output.addText(chunk);
      if (index % 2 === 0) time.advance(1);
    }
    output.close();
    output.flushChat();
    expect(agent.length).toBeLessThanOrEqual(1000 / 40 + 2);
    expect(chat.length).toBeLessThanOrEqual(1000 / 150 + 2);
    expect(agent.map((event) => event.data.delta).join('')).toBe(said);
    expect(chat.map((event) => event.deltaText).join('')).toBe(said);
    expect(agent.at(-1)?.data.text).toBe(said);
    expect(time.pending()).toBe(0);
  });

  it('sends a lone chunk at once and the next one after the pause, without waiting for a third', () => {
    const { output, chat, agent, time } = openOutput();
    output.addText('a');
    expect([agent.length, chat.length]).toEqual([1, 1]);
    output.addText('b');
    expect([agent.length, chat.length]).toEqual([1, 1]);
    time.advance(40);
    expect([agent.length, chat.length]).toEqual([2, 1]);
    time.advance(110);
    expect(chat.map((event) => event.deltaText)).toEqual(['a', 'b']);
    expect(time.pending()).toBe(0);
  });

  it('drops what comes after its end and never ends twice', () => {
    const { output, chat } = openOutput();
    output.addText('a');
    output.close();
    output.addText('late');
    output.chat({ state: 'final' });
    output.chat({ state: 'error', errorMessage: 'x' });
    expect(chat.map((event) => event.state)).toEqual(['delta', 'final']);
    expect(output.text).toBe('a');
  });
});
