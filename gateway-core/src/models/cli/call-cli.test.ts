import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { OpenClawConfig } from '../../config/index.js';
import type { Message } from '../../protocol/index.js';
import type { AppError } from '../../shared/app-error.js';
import { type Clock, systemClock } from '../../shared/clock.js';
import type { ModelsDeps } from '../create-models.js';
import { ask, listen, ofType, testModels } from '../test-models.js';
import { createFakePrograms, type FakePrograms, gone } from './testing/fake-programs.js';

const never = new AbortController().signal;
const OWN = { api: 'cli', provider: 'claude-cli', model: 'opus' };

const CLAUDE = `
  const at = start.args.indexOf('--resume');
  const sessionId = at < 0 ? 'session-1' : start.args[at + 1];
  const file = start.args.indexOf('--append-system-prompt-file');
  if (file >= 0) fs.copyFileSync(start.args[file + 1], folder + '/system.txt');
  const usage = { input_tokens: 10, cache_read_input_tokens: 4, output_tokens: 2 };
  say({ type: 'result', subtype: 'success', is_error: false, result: 'You said: ' + stdin, session_id: sessionId, total_cost_usd: 0.25, usage });
`;

describe.skipIf(process.platform === 'win32')('a program that answers', { timeout: 60_000 }, () => {
  let programs: FakePrograms;
  beforeEach(async () => {
    programs = await createFakePrograms();
  });
  afterEach(() => programs.remove());

  const models = (config: OpenClawConfig = {}, deps: Partial<ModelsDeps> = {}) =>
    testModels(config, { env: programs.env, workspaceDir: () => programs.workspace, ...deps });
  const call = (made: ReturnType<typeof models>, request = ask('hi'), ref = 'claude-cli/opus', signal = never) =>
    listen(made.stream(request, { ref, signal }));

  it('is started in the workspace, without a shell and without our secrets', async () => {
    await programs.install('claude', CLAUDE);
    const heard = await call(models(), ask('$(touch x); `id` "q"', { system: 'Be brief.', tools: [] }));
    expect(heard.error).toBeUndefined();
    expect(heard.events[0]).toEqual({ type: 'start', provider: 'claude-cli', model: 'opus', api: 'cli' });
    expect(heard.text).toBe('You said: $(touch x); `id` "q"');
    expect(ofType(heard, 'usage')[0]?.usage).toMatchObject({
      input: 10,
      cacheRead: 4,
      output: 2,
      cost: { total: 0.25 },
    });
    expect(heard.events.at(-1)).toEqual({ type: 'stop', reason: 'stop' });
    const [start] = await programs.starts();
    expect(start?.cwd).toBe(programs.workspace);
    // Everybody on the computer can read arguments.
    expect(start?.args.at(-2)).toBe('--append-system-prompt-file');
    expect(JSON.stringify(start?.args)).not.toContain('Be brief.');
    expect(await programs.appears('system.txt')).toBe('Be brief.');
    expect(start?.env).not.toHaveProperty('ANTHROPIC_API_KEY');
    expect(start?.env.HOME).toBe(programs.folder);
  });

  it('continues its session with the new words only', async () => {
    await programs.install('claude', CLAUDE);
    const made = models();
    await call(made);
    const messages: Message[] = [
      { role: 'user', content: 'hi' },
      { role: 'assistant', content: 'You said: hi', ...OWN },
      { role: 'user', content: 'and now?' },
    ];
    expect((await call(made, ask('', { messages }))).text).toBe('You said: and now?');
    const [, second] = await programs.starts();
    expect(second?.args).toContain('--resume');
    expect(second?.args).toContain('session-1');
    // Asked beside it, the session stays as it is.
    expect((await call(made, ask('', { messages, isAside: true }))).text).toContain('[Assistant]');
    expect((await programs.starts())[2]?.args).not.toContain('--resume');
  });

  it('is told everything again when it lost its session', async () => {
    await programs.install(
      'claude',
      `if (start.args.includes('--resume')) {
        say({ type: 'result', subtype: 'error_during_execution', is_error: true, errors: ['No conversation found with session ID: x'] });
        process.exit(1);
      }
      say({ type: 'result', is_error: false, result: stdin, session_id: 'session-2' });`,
    );
    const kept: Array<string | undefined> = [];
    const made = models(
      {},
      {
        cliSessions: { sessionIdOf: () => 'session-1', rememberSession: (_key, _backend, id) => void kept.push(id) },
      },
    );
    const messages: Message[] = [
      { role: 'assistant', content: 'first', ...OWN },
      { role: 'user', content: 'second' },
    ];
    const heard = await call(made, ask('', { messages }));
    expect(heard.text).toContain('[Assistant]\nfirst');
    expect(kept).toEqual([undefined, 'session-2']);
  });

  it('speaks for codex too', async () => {
    await programs.install(
      'codex',
      `for (const event of [
        { type: 'thread.started', thread_id: 'thread-1' },
        { type: 'item.completed', item: { type: 'agent_message', text: 'codex heard ' + stdin } },
        { type: 'turn.completed', usage: { input_tokens: 5, cached_input_tokens: 2, output_tokens: 1 } },
      ]) say(JSON.stringify(event) + '\\n');`,
    );
    const heard = await call(models(), ask('hi'), 'codex-cli/gpt-5.4');
    expect(heard.text).toBe('codex heard hi');
    expect(ofType(heard, 'usage')[0]?.usage).toMatchObject({ input: 3, cacheRead: 2, output: 1 });
  });

  it('speaks for a program of the config, whose system prompt is in a file', async () => {
    await programs.install('mine', "say(start.args.at(-1) + ' / ' + fs.readFileSync(start.args[1], 'utf8'));");
    const mine = { command: 'mine', output: 'text' as const, systemPromptFileArg: '--file', env: { MINE: 'yes' } };
    const made = models({ agents: { defaults: { cliBackends: { mine } } } });
    const listed = made.list().map(({ provider, id }) => `${provider}/${id}`);
    expect(listed.slice(-2)).toEqual(['mine/default', 'offline/assistant']);
    expect(listed.some((ref) => ref.startsWith('claude-cli/'))).toBe(false);
    const heard = await call(made, ask('hi', { system: 'Be brief.' }), 'mine/default');
    expect(heard.text).toBe('hi / Be brief.');
    expect((await programs.starts())[0]?.env.MINE).toBe('yes');
  });

  it.each<[string, string, string, RegExp]>([
    [
      'nobody is signed in',
      "say({ type: 'result', is_error: true, result: 'Invalid API key · Please run /login' }); process.exit(1)",
      'model.auth',
      /sign in/,
    ],
    [
      'its account is at its limit',
      "say({ type: 'result', is_error: true, result: 'Claude AI usage limit reached|9999999999' })",
      'model.rate_limit',
      /./,
    ],
    ['it crashes', "fs.writeSync(2, 'segfault'); process.exit(3)", 'model.server_error', /./],
    ['its output is no JSON', "say('hello')", 'model.bad_response', /cliBackends\.claude-cli\.output/],
  ])('says why when %s', async (_name, body, code, hint) => {
    await programs.install('claude', body);
    const { error } = await call(models());
    expect(error).toMatchObject({ code });
    expect((error as AppError).hint).toMatch(hint);
    expect((error as AppError).message).toContain('the program "claude"');
  });

  it('says so when it is not installed, and the next model answers where there is one', async () => {
    const nowhere = { 'claude-cli': { command: 'no-such-program-here' } };
    const made = models({ agents: { defaults: { cliBackends: nowhere } } });
    expect((await call(made)).error).toMatchObject({ code: 'model.not_configured' });
    const model = { primary: 'claude-cli/opus', fallbacks: ['offline/assistant'] };
    const chained = models({ agents: { defaults: { cliBackends: nowhere, model } } });
    expect((await listen(chained.stream(ask('hi'), { signal: never }))).text).toBe('offline');
  });

  it('does not start for a model that would be an option', async () => {
    await programs.install('claude', CLAUDE);
    const { error } = await call(models(), ask('hi'), 'claude-cli/--dangerously-skip-permissions');
    expect(error).toMatchObject({ code: 'model.not_found' });
    expect(await programs.starts()).toEqual([]);
  });

  // It ignores the wish to end, and has a child that does so too.
  const STUBBORN = `
    process.on('SIGTERM', () => {});
    const code = "process.on('SIGTERM', () => {}); setInterval(() => {}, 1000); console.log('ready')";
    const child = require('node:child_process').spawn(process.execPath, ['-e', code], { stdio: ['ignore', 'pipe', 'inherit'] });
    child.stdout.once('data', () => fs.writeFileSync(folder + '/pids', process.pid + ' ' + child.pid));
    setInterval(() => {}, 1000);
  `;

  it('ends with everything it started when the caller aborts', async () => {
    await programs.install('claude', STUBBORN);
    const abort = new AbortController();
    const heard = call(models(), ask('hi'), 'claude-cli/opus', abort.signal);
    const pids = (await programs.appears('pids')).split(' ').map(Number);
    abort.abort(new Error('stop'));
    expect(String((await heard).error)).toContain('stop');
    for (const pid of pids) expect(await gone(pid)).toBe(true);
  });

  it('ends with everything it started when it takes too long', async () => {
    await programs.install('claude', STUBBORN);
    const clock: Clock = {
      ...systemClock,
      after(delayMs, run) {
        if (delayMs !== 777_000) return systemClock.after(delayMs, run);
        // The time is over as soon as everything has started.
        void programs.appears('pids').then(run);
        return { cancel: () => undefined };
      },
    };
    const { error } = await call(models({}, { cliTimeoutMs: 777_000, clock }));
    expect(error).toMatchObject({ code: 'model.timeout' });
    expect((error as AppError).message).toContain('within 13 minutes');
    const pids = (await programs.appears('pids')).split(' ').map(Number);
    for (const pid of pids) expect(await gone(pid)).toBe(true);
  });

  it('leaves nothing behind after a good answer', async () => {
    await programs.install(
      'claude',
      `const child = require('node:child_process').spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)'], { stdio: 'inherit' });
      fs.writeFileSync(folder + '/pids', String(child.pid));
      say({ type: 'result', result: 'done' });
      process.exit(0);`,
    );
    expect((await call(models())).text).toBe('done');
    expect(await gone(Number(await programs.appears('pids')))).toBe(true);
  });

  it('answers one call of a conversation at a time, and those of others meanwhile', async () => {
    await programs.install(
      'claude',
      `fs.appendFileSync(folder + '/order', stdin + ' in, ');
      const wait = setInterval(() => {
        if (stdin === 'a' && !fs.existsSync(folder + '/go')) return;
        clearInterval(wait);
        fs.appendFileSync(folder + '/order', stdin + ' out, ');
        say({ type: 'result', result: stdin });
        if (stdin === 'c') fs.writeFileSync(folder + '/go', 'go');
      }, 10);`,
    );
    const made = models();
    const first = call(made, ask('a'));
    await programs.appears('order');
    const second = call(made, ask('b'));
    const left = new AbortController();
    const waiting = call(made, ask('x'), 'claude-cli/opus', left.signal);
    left.abort(new Error('left'));
    expect(String((await waiting).error)).toContain('left');
    // It ends while the first still waits, and lets the first go.
    const other = call(made, ask('c', { sessionKey: 'agent:main:other' }));
    expect((await Promise.all([first, second, other])).map(({ text }) => text)).toEqual(['a', 'b', 'c']);
    expect(await programs.appears('order')).toBe('a in, c in, c out, a out, b in, b out, ');
  });
});
