// The process tool on real commands, with pipes and with a terminal.
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { boxed, type ExecBench, openBench } from './testing/exec-bench.js';
import { isAlive, textOf, until } from './testing/tool-context.js';

let bench: ExecBench;
beforeEach(async () => {
  bench = await openBench();
});
afterEach(() => bench.end());

async function start(command: string, more: Record<string, unknown> = {}): Promise<string> {
  const result = await bench.exec({ command, background: true, ...more });
  return (result.details as { sessionId: string }).sessionId;
}

const act = (action: string, sessionId: string, more: Record<string, unknown> = {}) =>
  bench.process({ action, sessionId, ...more });

/** Gathers what polls give until it holds `words`. */
async function pollFor(sessionId: string, words: string | RegExp): Promise<string> {
  let seen = '';
  return until(async () => {
    seen += textOf(await act('poll', sessionId, { timeout: 2_000 }));
    return (typeof words === 'string' ? seen.includes(words) : words.test(seen)) && seen;
  });
}

const ended = (sessionId: string) =>
  until(async () => {
    const { details } = await act('poll', sessionId, { timeout: 2_000 });
    return (details as { status: string }).status !== 'running' && (details as Record<string, unknown>);
  });

describe('list', () => {
  it('shows the commands of the agent only, newest first', async () => {
    expect(await bench.process({ action: 'list' })).toMatchObject({
      content: [{ text: 'No running or recent sessions.' }],
      details: { status: 'completed', sessions: [] },
    });
    const id = await start('cat  -u\n');
    const text = textOf(await bench.process({ action: 'list' }));
    expect(text).toMatch(new RegExp(`^${id} running   \\d+s :: cat -u$`));
    const { details } = await bench.process({ action: 'list' });
    expect(details).toMatchObject({
      status: 'completed',
      sessions: [{ sessionId: id, status: 'running', cwd: bench.dir, command: 'cat  -u\n', truncated: false }],
    });
    const other = bench.context({ agentId: 'other' });
    expect(textOf(await bench.process({ action: 'list' }, other))).toBe('No running or recent sessions.');
    for (const action of ['poll', 'log', 'write', 'kill', 'remove']) {
      const result = await bench.process({ action, sessionId: id, data: 'x' }, other);
      expect(result).toMatchObject({ isError: true, details: { status: 'failed' } });
      expect(textOf(result)).toBe(`No session found for ${id}.`);
    }
  });

  it('shows a conversation in a sandbox nothing that runs elsewhere', async () => {
    const workplace = () => Promise.resolve(boxed(bench.workplace));
    const inside = bench.context({ sessionKey: 'agent:main:telegram:1', workplace });
    const outside = await start('cat');
    const result = await bench.exec({ command: 'cat', background: true }, inside);
    const { sessionId } = result.details as { sessionId: string };
    expect(textOf(await bench.process({ action: 'list' }, inside))).toMatch(new RegExp(`^${sessionId}[^\n]*$`));
    for (const action of ['poll', 'log', 'write', 'send-keys', 'submit', 'paste', 'kill', 'remove', 'clear']) {
      const refused = await bench.process({ action, sessionId: outside, data: 'x', keys: ['x'], text: 'x' }, inside);
      expect(textOf(refused)).toBe(`No session found for ${outside}.`);
    }
    expect(textOf(await bench.process({ action: 'write', sessionId, data: 'x' }, inside))).toContain('Wrote 1 bytes');
    const another = bench.context({ workplace: () => Promise.resolve(boxed(bench.workplace, { name: 'other' })) });
    expect(textOf(await bench.process({ action: 'poll', sessionId }, another))).toContain('No session found');
    expect(textOf(await act('list', ''))).toContain(sessionId);
  });

  it('lets only those follow a command outside the sandbox who may start one', async () => {
    const workplace = () => Promise.resolve(boxed(bench.workplace));
    const owner = bench.context({ workplace });
    const result = await bench.exec({ command: 'cat', background: true, elevated: true }, owner);
    const { sessionId } = result.details as { sessionId: string };
    expect(textOf(await bench.process({ action: 'poll', sessionId }, owner))).toContain('Process still running.');
    const stranger = bench.context({ workplace, channel: 'telegram', senderId: '8' });
    expect(textOf(await bench.process({ action: 'poll', sessionId }, stranger))).toContain('No session found');
  });

  it('shows ended commands with their end', async () => {
    const id = await start('exit 2');
    await ended(id);
    const { details } = await bench.process({ action: 'list' });
    expect(details).toMatchObject({ sessions: [{ sessionId: id, status: 'completed', exitCode: 2 }] });
  });
});

describe('poll and log', () => {
  it('follows a server that starts in the background', async () => {
    const script = `require('node:http').createServer((q, r) => r.end('hi')).listen(0, '127.0.0.1', function () { console.log('port ' + this.address().port) })`;
    const id = await start(`${JSON.stringify(process.execPath)} -e ${JSON.stringify(script)}`);
    const seen = await pollFor(id, /port \d+/);
    const [, port] = /port (\d+)/.exec(seen) ?? [];
    expect(await (await fetch(`http://127.0.0.1:${port}/`)).text()).toBe('hi');
    expect(textOf(await act('poll', id))).toBe('(no new output)\n\nProcess still running.');
    await act('kill', id);
    await expect(fetch(`http://127.0.0.1:${port}/`)).rejects.toThrow('fetch failed');
  });

  it('gives each piece once, the log gives all of it', async () => {
    const id = await start('cat');
    await act('write', id, { data: 'one\n' });
    await pollFor(id, 'one');
    await act('write', id, { data: 'two\n', eof: true });
    const details = await ended(id);
    expect(details).toMatchObject({ status: 'completed', exitCode: 0, aggregated: 'one\ntwo\n' });
    expect(textOf(await act('poll', id))).toBe('(no new output)\n\n(Command exited with code 0)');
    expect(textOf(await act('log', id))).toBe('one\ntwo');
  });

  it('waits no longer than it is told, and stops waiting with the run', async () => {
    const id = await start('cat');
    expect(textOf(await act('poll', id, { timeout: 30 }))).toContain('Process still running.');
    const context = bench.context();
    const waiting = bench.process({ action: 'poll', sessionId: id, timeout: 60_000 }, context);
    context.stop.abort(new Error('stopped'));
    await expect(waiting).rejects.toThrow('stopped');
  });

  it('does not tell again what a poll is waiting for', async () => {
    const id = await start('read line; echo "$line"');
    const waiting = act('poll', id, { timeout: 10_000 });
    await act('write', id, { data: 'x\n' });
    await waiting;
    await ended(id);
    const silent = await start('read line; exit 3');
    const end = act('poll', silent, { timeout: 10_000 });
    await act('write', silent, { data: 'x\n' });
    expect(textOf(await end)).toContain('code 3');
    expect(bench.news.filter(({ text }) => text.includes(silent))).toEqual([]);
  });

  it('pages through the log', async () => {
    const id = await start('seq 1 500');
    await ended(id);
    const last = await act('log', id);
    expect(textOf(last).split('\n')[0]).toBe('301');
    expect(textOf(last)).toContain('[lines 301 to 500 of 500]');
    expect(last.details).toMatchObject({ totalLines: 500, truncated: false });
    expect(textOf(await act('log', id, { offset: 2, limit: 2 }))).toBe('3\n4\n\n[lines 3 to 4 of 500]');
    expect(textOf(await act('log', id, { offset: 900 }))).toBe('(there are 500 lines)');
  });

  it('cuts what nobody fetched to its newest part', async () => {
    const id = await start('seq 1 20000; cat');
    await until(async () => {
      const { details } = await bench.process({ action: 'list' });
      return (details as { sessions: Array<{ tail: string }> }).sessions[0]?.tail.endsWith('20000\n');
    });
    const text = textOf(await act('poll', id));
    expect(text).toMatch(/^\[older output is left out\]/);
    expect(text.length).toBeLessThan(30_200);
    expect(text).toContain('20000\n');
  });
});

describe('input', () => {
  it('is refused by what has ended, and by what never took any', async () => {
    const id = await start('true');
    await ended(id);
    await expect(act('write', id, { data: 'x' })).rejects.toMatchObject({ code: 'exec.input_closed' });
    await expect(act('submit', id)).rejects.toMatchObject({ code: 'exec.input_closed' });
  });

  it('submits a line to a command with pipes', async () => {
    const id = await start('read line; echo "got [$line]"');
    await act('write', id, { data: 'hello' });
    await act('submit', id);
    await pollFor(id, 'got [hello]');
  });

  it('types into a terminal', async () => {
    const id = await start('test -t 0 && echo "is a terminal"; read line; echo "got [$line]"; cat', { pty: true });
    await pollFor(id, 'is a terminal');
    await act('send-keys', id, { keys: ['h', 'i', 'x', 'BSpace', 'Enter'] });
    await pollFor(id, 'got [hi]');
    // The shell takes the signal for itself until the program it starts is there.
    await act('send-keys', id, { keys: ['z', 'Enter'] });
    await pollFor(id, /z\r\n[^]*z\r\n/);
    await act('send-keys', id, { keys: ['C-c'] });
    expect(await ended(id)).toMatchObject({ status: 'failed' });
  });

  it.each([false, true])('sends bytes as they are named (terminal: %s)', async (pty) => {
    const id = await start('read line; echo "got [$line]"', { pty });
    await act('send-keys', id, { hex: ['e2', '82 ac', '0xc3a9'], keys: ['x'] });
    await act('submit', id);
    await pollFor(id, 'got [€éx]');
  });

  it('ends the input of a terminal', async () => {
    const id = await start('cat; echo over', { pty: true });
    await act('write', id, { data: 'one\n' });
    await pollFor(id, 'one');
    await act('write', id, { data: '', eof: true });
    expect(await ended(id)).toMatchObject({ status: 'completed', exitCode: 0 });
  });

  it('sends the other codes of the arrows to a program that asks for them', async () => {
    const id = await start("stty -echo; printf '\\033[?1h'; echo ready; cat -v", { pty: true });
    await pollFor(id, 'ready');
    await act('send-keys', id, { keys: ['Up', 'Enter'] });
    await pollFor(id, '^[OA');
  });

  it('pastes in brackets, which the text cannot leave', async () => {
    const id = await start('stty -echo; echo ready; cat -v', { pty: true });
    await pollFor(id, 'ready');
    await act('paste', id, { text: 'a\u001b[201~b\n' });
    const seen = await pollFor(id, 'ab');
    expect(seen).toContain('^[[200~ab');
    await act('paste', id, { text: 'plain\n', bracketed: false });
    expect(await pollFor(id, 'plain')).not.toContain('^[[200~plain');
  });

  it('sends nothing when one key is unknown', async () => {
    const id = await start('cat');
    expect(textOf(await act('send-keys', id, { keys: ['a', 'Hyper-x'] }))).toContain('"Hyper-x" is no key');
    expect(textOf(await act('send-keys', id, { hex: ['zz'] }))).toContain('hex must be pairs');
    expect(textOf(await act('send-keys', id))).toContain('Name at least one key');
    expect(textOf(await act('paste', id))).toContain('Pass what to paste');
    expect(textOf(await act('poll', id))).toContain('(no new output)');
  });
});

describe('ending', () => {
  it('kills a command and its children, without news', async () => {
    const id = await start('tail -f /dev/null & echo "pid $!"; wait');
    const [, pid] = /pid (\d+)/.exec(await pollFor(id, /pid \d+\n/)) ?? [];
    const result = await act('kill', id);
    expect(textOf(result)).toBe(`Ended session ${id}.`);
    expect(result.details).toMatchObject({ status: 'failed' });
    expect(isAlive(Number(pid))).toBe(false);
    expect(textOf(await act('kill', id))).toBe(`Session ${id} has ended already.`);
    expect(bench.news).toEqual([]);
  });

  it('clears what has ended and removes anything', async () => {
    const running = await start('cat');
    expect(textOf(await act('clear', running))).toContain('still runs');
    const { details } = await bench.process({ action: 'list' });
    const { pid = 0 } = (details as { sessions: Array<{ pid?: number }> }).sessions[0] ?? {};
    expect(textOf(await act('remove', running))).toBe(`Removed session ${running}.`);
    expect(isAlive(pid)).toBe(false);
    const done = await start('true');
    await ended(done);
    expect(textOf(await act('clear', done))).toBe(`Cleared session ${done}.`);
    expect(textOf(await bench.process({ action: 'list' }))).toBe('No running or recent sessions.');
  });

  it('knows no foreground command, no other action, no missing id', async () => {
    expect(textOf(await bench.process({ action: 'jump' }))).toBe('There is no action "jump".');
    expect(textOf(await bench.process({ action: 'constructor' }))).toBe('There is no action "constructor".');
    expect(textOf(await bench.process({ action: 'poll' }))).toBe('sessionId is needed for poll.');
  });
});
