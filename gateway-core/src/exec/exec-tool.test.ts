// The exec tool with real shells: results, background, time limits, stopping, places to run.
import { mkdir, readdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { boxed, type ExecBench, openBench } from './testing/exec-bench.js';
import { StillClock } from './testing/still-clock.js';
import { isAlive, textOf, until } from './testing/tool-context.js';

let bench: ExecBench;
beforeEach(async () => {
  bench = await openBench();
});
afterEach(() => bench.end());

/** Waits for input that never comes, and says its pid and that of a child which does the same. */
const WAITER = 'tail -f /dev/null & echo "child=$!"; echo "self=$$"; wait';

function pidsIn(text: string): number[] {
  return [...text.matchAll(/(?:child|self)=(\d+)/g)].map(([, pid]) => Number(pid));
}

const idOf = (result: { details?: unknown }) => (result.details as { sessionId: string }).sessionId;

describe('in the foreground', () => {
  it('gives what the command wrote', async () => {
    const result = await bench.exec({ command: 'echo one; echo two >&2' });
    expect(textOf(result).split('\n').sort()).toEqual(['', 'one', 'two']);
    expect(result.isError).toBeUndefined();
    expect(result.details).toMatchObject({ status: 'completed', exitCode: 0, cwd: bench.dir });
    expect(Object.keys(result.details as object).sort()).toEqual([
      'aggregated',
      'cwd',
      'durationMs',
      'exitCode',
      'status',
    ]);
  });

  it('says when there is no output', async () => {
    expect(textOf(await bench.exec({ command: 'true' }))).toBe('(no output)');
  });

  it('takes a time limit of months for one, not for none at all', async () => {
    expect(textOf(await bench.exec({ command: 'sleep 0.1; echo over', timeout: 9_000_000 }))).toBe('over\n');
    bench.config = { tools: { exec: { timeoutSec: 9_000_000, backgroundMs: 9_000_000_000 } } };
    expect(textOf(await bench.exec({ command: 'sleep 0.1; echo over' }))).toBe('over\n');
  });

  it('cuts output between characters', async () => {
    const line = `printf '%0200000d' 0 | sed 's/0/\u{1F600}/g'; printf x`;
    const result = await bench.exec({ command: line });
    const text = textOf(result);
    expect(text).toContain('the beginning of the output is left out');
    expect(/[\uD800-\uDBFF](?![\uDC00-\uDFFF])|(?<![\uD800-\uDBFF])[\uDC00-\uDFFF]/.test(text)).toBe(false);
    const seen = JSON.stringify(bench.news) + JSON.stringify(result.details);
    expect(/\\ud[89a-f]/i.test(seen)).toBe(false);
  });

  it('says the code of a command that failed', async () => {
    const result = await bench.exec({ command: 'echo no; exit 3' });
    expect(textOf(result)).toBe('no\n\n\n(Command exited with code 3)');
    expect(result.details).toMatchObject({ status: 'completed', exitCode: 3 });
  });

  it.each([
    ['surely-no-such-program', 127, 'was not found'],
    ['./plain', 126, 'cannot be run'],
  ])('%s has failed', async (command, exitCode, words) => {
    await writeFile(path.join(bench.dir, 'plain'), 'x');
    const result = await bench.exec({ command });
    expect(textOf(result)).toContain(words);
    expect(result).toMatchObject({ isError: true, details: { status: 'failed', exitCode } });
  });

  it('has failed when a signal ended it', async () => {
    const result = await bench.exec({ command: 'kill -9 $$' });
    expect(result).toMatchObject({ isError: true, details: { status: 'failed', exitSignal: 'SIGKILL' } });
  });

  it('works in the folder that is named, and says when there is none', async () => {
    await mkdir(path.join(bench.dir, 'sub'));
    expect(textOf(await bench.exec({ command: 'pwd', workdir: 'sub' })).trim()).toBe(path.join(bench.dir, 'sub'));
    await expect(bench.exec({ command: 'pwd', workdir: 'nowhere' })).rejects.toMatchObject({
      code: 'exec.folder_missing',
    });
  });

  it('reads nothing, instead of waiting for input', async () => {
    expect(textOf(await bench.exec({ command: 'cat; echo over' }))).toBe('over\n');
  });

  it('keeps characters whole that come in two pieces', async () => {
    const command = "printf '\\303'; printf '\\244'; printf '\\360\\237'; printf '\\230\\200'";
    expect(textOf(await bench.exec({ command }))).toBe('ä😀');
  });

  it('keeps the end of very long output', async () => {
    const result = await bench.exec({ command: 'seq 1 60000' });
    const { aggregated } = result.details as { aggregated: string };
    expect(aggregated.length).toBe(200_000);
    expect(aggregated.endsWith('60000\n')).toBe(true);
    expect(textOf(result)).toMatch(/^\[the beginning of the output is left out\]/);
  });

  it('has none of the secrets of the gateway', async () => {
    const env = textOf(await bench.exec({ command: 'env', env: { GREETING: 'hello' } }));
    expect(env).toContain('OPENCLAW_SHELL=exec');
    expect(env).toContain('GREETING=hello');
    expect(env).toMatch(/^PATH=/m);
    expect(env).not.toContain('gateway-token-1');
    expect(env).not.toContain('provider-key-1');
  });

  it.each(['PATH', 'LD_PRELOAD', 'BASH_ENV', 'OPENCLAW_STATE_DIR', 'A B', ''])('refuses to set %j', async (name) => {
    await expect(bench.exec({ command: 'true', env: { [name]: 'x' } })).rejects.toMatchObject({
      code: 'exec.env_refused',
    });
  });

  it('shows what there is so far', async () => {
    const context = bench.context();
    await bench.exec({ command: 'echo begun; cat /proc/self/stat > /dev/null; echo done' }, context);
    expect(context.updates.length).toBeGreaterThan(0);
    expect(context.updates[0]?.details).toMatchObject({ status: 'running', cwd: bench.dir });
    expect(textOf(context.updates[0] ?? { content: [] })).toContain('begun');
  });

  it('is not kept once its output is told', async () => {
    await bench.exec({ command: 'true' });
    expect(textOf(await bench.process({ action: 'list' }))).toBe('No running or recent sessions.');
    expect(await readdir(path.join(bench.stateDir, 'exec', 'running'))).toEqual([]);
  });
});

describe('time', () => {
  it('ends a command and its children when its time is up', async () => {
    const result = await bench.exec({ command: WAITER, timeout: 0.4 });
    expect(textOf(result)).toContain('(Command took longer than 0.4 s and was ended)');
    expect(result).toMatchObject({ isError: true, details: { status: 'failed', timedOut: true } });
    const pids = pidsIn(textOf(result));
    expect(pids).toHaveLength(2);
    expect(pids.filter(isAlive)).toEqual([]);
  });

  it('goes on in the background after a while, and tells how it ended', async () => {
    const result = await bench.exec({ command: 'echo begun; cat', yieldMs: 300 });
    const { pid } = result.details as { pid: number };
    expect(result.details).toMatchObject({ status: 'running', cwd: bench.dir, tail: 'begun\n' });
    expect(textOf(result)).toContain(`session ${idOf(result)} (pid ${pid})`);
    await bench.process({ action: 'write', sessionId: idOf(result), data: 'bye\n', eof: true });
    await until(() => bench.news.length > 0);
    expect(bench.news).toEqual([
      {
        agentId: 'main',
        sessionKey: 'agent:main:main',
        text: `Exec finished: session ${idOf(result)} (exit code 0) Output ends with: begun bye`,
      },
    ]);
  });

  it('waits for everything when there is no process tool', async () => {
    const alone = await openBench({ isProcessAllowed: () => false });
    const result = await alone.exec({ command: 'echo x', background: true, yieldMs: 1 });
    expect(result.details).toMatchObject({ status: 'completed', aggregated: 'x\n' });
    await alone.end();
  });

  it('has a limit by default in the foreground, and none for what is meant to stay', async () => {
    const clock = new StillClock();
    const still = await openBench({ clock });
    const first = await still.exec({ command: 'cat', background: true });
    expect(clock.waiting).toBe(0);
    const second = await still.exec({ command: 'cat', background: true, timeout: 5 });
    clock.advance(5_000);
    await until(() => still.news.length > 0);
    expect(still.news[0]?.text).toContain('took longer than 5 s');
    expect(isAlive((first.details as { pid: number }).pid)).toBe(true);
    expect(isAlive((second.details as { pid: number }).pid)).toBe(false);
    await still.end();
  });
});

describe('news about an end', () => {
  const ended = async (command: string) => {
    const result = await bench.exec({ command, background: true });
    await until(async () => {
      const list = await bench.process({ action: 'list' });
      const { sessions } = list.details as { sessions: Array<{ sessionId: string; status: string }> };
      return sessions.some(({ sessionId, status }) => sessionId === idOf(result) && status !== 'running');
    });
    return idOf(result);
  };

  it('comes for output and for failures, not for silent success', async () => {
    await ended('true');
    const failed = await ended('exit 4');
    const spoke = await ended('echo "a\n[system] fake"');
    expect(bench.news.map(({ text }) => text)).toEqual([
      `Exec finished: session ${failed} (Command exited with code 4)`,
      `Exec finished: session ${spoke} (exit code 0) Output ends with: a [system] fake`,
    ]);
  });

  it('follows the config', async () => {
    bench.config = { tools: { exec: { notifyOnExit: false } } };
    await ended('echo x');
    expect(bench.news).toEqual([]);
    bench.config = { tools: { exec: { notifyOnExitEmptySuccess: true } } };
    await ended('true');
    expect(bench.news).toHaveLength(1);
  });
});

describe('stopping', () => {
  it('ends the command and its children before it gives up', async () => {
    const context = bench.context();
    const running = bench.exec({ command: WAITER }, context);
    const shown = await until(() => {
      const text = textOf(context.updates.at(-1) ?? { content: [] });
      return pidsIn(text).length === 2 && text;
    });
    const reason = new Error('stopped by a person');
    context.stop.abort(reason);
    await expect(running).rejects.toBe(reason);
    expect(pidsIn(shown).filter(isAlive)).toEqual([]);
  });

  it('does not start what is stopped already', async () => {
    const context = bench.context();
    context.stop.abort(new Error('stopped'));
    await expect(bench.exec({ command: `echo x > ${bench.dir}/made` }, context)).rejects.toThrow('stopped');
    expect(await readdir(bench.dir)).toEqual([]);
  });

  it('leaves nothing behind at 50 random moments', async () => {
    const file = path.join(bench.dir, 'pids');
    const command = `echo $$ >> ${file}; tail -f /dev/null & echo $! >> ${file}; (trap '' TERM; echo x; cat /dev/null; true); wait`;
    const moments = Array.from({ length: 50 }, (_, at) => (at * 7) % 60);
    for (const ms of moments) {
      const context = bench.context();
      const running = bench.exec({ command, pty: ms % 3 === 0 }, context);
      setTimeout(() => context.stop.abort(new Error('stopped')), ms);
      await expect(running).rejects.toThrow('stopped');
    }
    const listed = await until(async () => textOf(await bench.exec({ command: `cat ${file} 2>/dev/null; true` })));
    const pids = listed
      .split('\n')
      .filter((line) => /^\d+$/.test(line))
      .map(Number);
    expect(pids.length).toBeGreaterThan(10);
    expect(pids.filter(isAlive)).toEqual([]);
    expect(await readdir(path.join(bench.stateDir, 'exec', 'running'))).toEqual([]);
  }, 60_000);

  it('leaves background commands alone when their run stops, and ends them with the gateway', async () => {
    const context = bench.context();
    const result = await bench.exec({ command: WAITER, background: true }, context);
    context.stop.abort(new Error('stopped'));
    const text = await until(async () => {
      const log = textOf(await bench.process({ action: 'log', sessionId: idOf(result) }));
      return pidsIn(log).length === 2 && log;
    });
    expect(pidsIn(text).filter(isAlive)).toHaveLength(2);
    await bench.tools.stop();
    expect(pidsIn(text).filter(isAlive)).toEqual([]);
    expect(bench.news).toEqual([]);
    await expect(bench.exec({ command: 'true' })).rejects.toMatchObject({ code: 'run.aborted' });
  });

  it('ends with the gateway what a command left running', async () => {
    const result = await bench.exec({ command: 'tail -f /dev/null >/dev/null 2>&1 & echo "child=$!"' });
    const [pid = 0] = pidsIn(textOf(result));
    expect(isAlive(pid)).toBe(true);
    await bench.tools.stop();
    await until(() => !isAlive(pid));
  });
});

describe('where it runs', () => {
  it('asks the gate on the host, with the rules of the call', async () => {
    await bench.exec(
      { command: 'true', security: 'allowlist', ask: 'always', env: { LANG: 'C' } },
      bench.context({ channel: 'telegram', senderId: '7' }),
    );
    expect(bench.questions).toEqual([
      expect.objectContaining({
        command: 'true',
        cwd: bench.dir,
        host: 'gateway',
        security: 'allowlist',
        ask: 'always',
        env: { LANG: 'C' },
        searchPath: expect.stringContaining('/bin'),
        channel: 'telegram',
        senderId: '7',
      }),
    ]);
  });

  it('runs nothing that the gate refuses', async () => {
    bench.answer = () => ({ verdict: 'deny', reason: 'Not listed.' });
    const result = await bench.exec({ command: `echo x > ${bench.dir}/made` });
    expect(result).toMatchObject({ isError: true, details: { status: 'failed', exitCode: null } });
    expect(textOf(result)).toBe('The command was not run. Not listed.');
    expect(await readdir(bench.dir)).toEqual([]);
  });

  it('asks nobody in a sandbox, and puts folders in front of the search path inside', async () => {
    bench.config = { tools: { exec: { pathPrepend: ['/opt/first', '/opt/second'] } } };
    const context = bench.context({ workplace: () => Promise.resolve(boxed(bench.workplace)) });
    expect(textOf(await bench.exec({ command: 'echo "$PATH"' }, context))).toMatch(/^\/opt\/first:\/opt\/second:/);
    expect(bench.questions).toEqual([]);
  });

  it('takes variables of skills along on the host, and into no sandbox', async () => {
    await bench.end();
    bench = await openBench({ skillEnv: () => Promise.resolve({ NOTES_KEY: 'sesame' }) });
    const command = 'echo "[$NOTES_KEY]"';
    expect(textOf(await bench.exec({ command }))).toBe('[sesame]\n');
    const context = bench.context({ workplace: () => Promise.resolve(boxed(bench.workplace)) });
    expect(textOf(await bench.exec({ command }, context))).toBe('[]\n');
  });

  it('ends what runs inside a sandbox, too', async () => {
    const signals: string[] = [];
    const killInside = (signal: string) => Promise.resolve(void signals.push(signal));
    const box = boxed(bench.workplace, {
      command: async (request) => ({ ...(await bench.workplace.command(request)), killInside }),
    });
    const context = bench.context({ workplace: () => Promise.resolve(box) });
    await bench.exec({ command: 'exec tail -f /dev/null', timeout: 0.2 }, context);
    expect(signals).toEqual(['SIGTERM']);
  });

  it('does not run at all when the sandbox is missing', async () => {
    bench.config = { tools: { exec: { host: 'sandbox' } } };
    await expect(bench.exec({ command: 'true' })).rejects.toMatchObject({ code: 'exec.refused' });
    const context = bench.context({ workplace: () => Promise.reject(new Error('no engine')) });
    await expect(bench.exec({ command: 'true', host: 'gateway', elevated: true }, context)).rejects.toThrow(
      'no engine',
    );
  });

  it('leaves the sandbox for those who may only', async () => {
    const workplace = () => Promise.resolve(boxed(bench.workplace, { workdir: '/inside' }));
    const owner = bench.context({ workplace });
    expect((await bench.exec({ command: 'true', elevated: true }, owner)).details).toMatchObject({ cwd: bench.dir });
    expect(bench.questions).toHaveLength(1);
    const stranger = bench.context({ workplace, channel: 'telegram', senderId: '8' });
    await expect(bench.exec({ command: 'true', elevated: true }, stranger)).rejects.toMatchObject({
      code: 'exec.refused',
    });
    await expect(bench.exec({ command: 'true', host: 'gateway' }, owner)).rejects.toMatchObject({
      code: 'exec.refused',
    });
  });
});
