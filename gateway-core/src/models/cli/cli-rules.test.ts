import { describe, expect, it } from 'vitest';
import type { OpenClawConfig } from '../../config/index.js';
import type { Message } from '../../protocol/index.js';
import type { ModelTarget } from '../types.js';
import { type CliBackend, readCliBackends } from './cli-backends.js';
import { cliEnvironment } from './cli-environment.js';
import { cutError, isLostSession, saidError } from './cli-errors.js';
import { readCliOutput } from './cli-output.js';
import { type CliCall, isModelId, isSessionId, planCli } from './cli-plan.js';
import { messagesSince, promptOf } from './cli-prompt.js';

type Backends = NonNullable<NonNullable<NonNullable<OpenClawConfig['agents']>['defaults']>['cliBackends']>;

const configWith = (cliBackends: Backends): OpenClawConfig => ({ agents: { defaults: { cliBackends } } });

function backendOf(id: string, cliBackends: Backends = {}): CliBackend {
  const found = readCliBackends(configWith(cliBackends)).find(({ backend }) => backend.id === id);
  if (!found) throw new Error(`no ${id}`);
  return found.backend;
}

const TARGET: ModelTarget = {
  ...{ provider: 'claude-cli', model: 'opus', name: 'opus', api: 'cli', baseUrl: '', headers: {}, reasoning: false },
  ...{ input: ['text'], contextWindow: 200_000, maxTokens: 8_192 },
  cost: { input: 0, output: 0, cacheRead: 0, cacheWrite: 0 },
};

const callOf = (backend: CliBackend, more: Partial<CliCall> = {}): CliCall => ({
  ...{ backend, model: 'opus', prompt: 'all of it', newSessionId: 'new-id', systemFile: '/tmp/s.md' },
  ...more,
});

const RESUMED = { sessionId: 'old-id', prompt: 'only this' };

describe('the backends', () => {
  const inUse = (config: OpenClawConfig) =>
    readCliBackends(config).flatMap(({ backend, isInUse, models }) => (isInUse ? [[backend.id, ...models]] : []));

  it('are known, but not in use, without a word of the config', () => {
    expect(readCliBackends({}).map(({ backend }) => backend.id)).toEqual(['claude-cli', 'codex-cli']);
    expect(inUse({})).toEqual([]);
  });

  it('are in use when a model reference names them', () => {
    const model = { primary: 'anthropic/x', fallbacks: ['claude-cli/opus-4.6'] };
    expect(inUse({ agents: { defaults: { model }, list: [{ id: 'b', model: 'codex-cli/gpt-5.4' }] } })).toEqual([
      ['claude-cli', 'opus-4.6'],
      ['codex-cli', 'gpt-5.4'],
    ]);
  });

  it('are in use when they are configured, and offer their aliases', () => {
    expect(inUse(configWith({ 'claude-cli': { command: '/opt/claude' }, mine: { command: 'mine' } }))).toEqual([
      ['claude-cli', 'opus', 'sonnet', 'haiku'],
      ['mine', 'default'],
    ]);
    expect(inUse(configWith({ mine: { command: 'mine', modelAliases: { big: 'b-1' } } }))).toEqual([['mine', 'big']]);
  });

  it('pass the system prompt on as the config says', () => {
    const own = { command: 'claude', systemPromptArg: '--append-system-prompt' };
    const plan = planCli(callOf(backendOf('claude-cli', { 'claude-cli': own }), { system: 'Be brief.' }));
    expect(plan.args.slice(-2)).toEqual(['--append-system-prompt', 'Be brief.']);
    expect(plan.systemFile).toBeUndefined();
  });

  it('keep what the config leaves open', () => {
    const backend = backendOf('claude-cli', { 'claude-cli': { command: '/opt/claude' } });
    expect(backend).toMatchObject({ command: '/opt/claude', output: 'json', input: 'stdin', modelArg: '--model' });
    expect(backendOf('mine', { mine: { command: 'mine' } })).toMatchObject({
      output: 'json',
      input: 'arg',
      serialize: true,
    });
  });
});

const CODEX_START = [
  ...'exec|--json|--color|never|--sandbox|read-only|--skip-git-repo-check'.split('|'),
  ...'-c|features.shell_tool=false|-c|features.unified_exec=false|-c|features.apps=false'.split('|'),
  ...['-c', 'web_search="disabled"'],
];

describe('the plan of a call', () => {
  const mine = (more: Partial<Backends[string]>) => backendOf('mine', { mine: { command: 'mine', ...more } });

  it.each<[string, CliCall, string[], string | undefined]>([
    [
      'claude begins a session, with no tools of its own',
      callOf(backendOf('claude-cli'), { system: 'Be brief.' }),
      '-p|--output-format|json|--tools||--strict-mcp-config|--model|opus|--append-system-prompt-file|/tmp/s.md'.split(
        '|',
      ),
      'all of it',
    ],
    [
      'claude continues a session',
      callOf(backendOf('claude-cli'), { resumed: RESUMED }),
      '-p|--output-format|json|--tools||--strict-mcp-config|--resume|old-id|--model|opus'.split('|'),
      'only this',
    ],
    [
      'codex begins a thread, its instructions in the prompt',
      callOf(backendOf('codex-cli'), { model: 'gpt-5.4', system: 'Be brief.' }),
      [...CODEX_START, '-', '--model', 'gpt-5.4'],
      '<instructions>\nBe brief.\n</instructions>\n\nall of it',
    ],
    [
      'codex continues a thread, with the model of its choice',
      callOf(backendOf('codex-cli'), { model: 'default', system: 'Be brief.', resumed: RESUMED }),
      [...CODEX_START, 'resume', 'old-id', '-'],
      'only this',
    ],
    ['a prompt as an argument', callOf(mine({ args: ['-q'] })), ['-q', 'all of it'], undefined],
    [
      'a prompt that looks like an option stays a prompt',
      callOf(mine({}), { prompt: '--dangerous' }),
      [' --dangerous'],
      undefined,
    ],
    ['a prompt that is too long goes through the input', callOf(mine({ maxPromptArgChars: 3 })), [], 'all of it'],
    [
      'an alias, and a session that always has an id',
      callOf(mine({ modelArg: '-m', modelAliases: { opus: 'o-4' }, sessionArg: '--session', input: 'stdin' })),
      ['--session', 'new-id', '-m', 'o-4'],
      'all of it',
    ],
    [
      'several session arguments',
      callOf(mine({ sessionArgs: ['--id={sessionId}', '--keep'], sessionMode: 'existing' }), { resumed: RESUMED }),
      ['--id=old-id', '--keep', 'only this'],
      undefined,
    ],
    [
      'a program without sessions hears everything',
      callOf(mine({ sessionArg: '--session', sessionMode: 'none' }), { resumed: RESUMED }),
      ['all of it'],
      undefined,
    ],
    ['a program that cannot resume hears everything', callOf(mine({}), { resumed: RESUMED }), ['all of it'], undefined],
    [
      'a system prompt from a file',
      callOf(mine({ systemPromptFileConfigArg: '-c', systemPromptFileConfigKey: 'file' }), { system: 'S' }),
      ['-c', 'file="/tmp/s.md"', 'all of it'],
      undefined,
    ],
    [
      'a system prompt that is only for the first time',
      callOf(mine({ systemPromptArg: '--sys', resumeArgs: ['r', '{sessionId}'] }), { system: 'S', resumed: RESUMED }),
      ['r', 'old-id', 'only this'],
      undefined,
    ],
  ])('%s', (_name, call, args, stdin) => {
    const plan = planCli(call);
    expect(plan.args).toEqual(args);
    expect(plan.stdin).toBe(stdin);
  });

  it('takes no id that could be an option', () => {
    expect(['opus-4.6', 'org/model:free', 'sonnet[1m]'].every(isModelId)).toBe(true);
    expect(['--dangerously-skip-permissions', '', 'a b', 'a\nb'].some(isModelId)).toBe(false);
    expect(['0199-ab', 'th_1'].every(isSessionId)).toBe(true);
    expect(['--last', '', 'a b', '-'].some(isSessionId)).toBe(false);
  });
});

describe('the environment of a program', () => {
  it('has what a program needs, and no secret of the gateway', () => {
    const base = {
      PATH: '/bin',
      HOME: '/h',
      LC_ALL: 'C',
      OPENAI_API_KEY: 'k',
      OPENCLAW_GATEWAY_TOKEN: 't',
      OTHER: 'o',
    };
    expect(cliEnvironment({ base, added: { MINE: '1', LATER: '2' }, cleared: ['HOME', 'LATER'] })).toEqual({
      ...{ PATH: '/bin', LC_ALL: 'C', MINE: '1', NO_COLOR: '1' },
    });
  });
});

describe('what a program says', () => {
  const FIELDS = backendOf('claude-cli').sessionIdFields;
  const jsonl = (...events: unknown[]) => events.map((event) => JSON.stringify(event)).join('\n');

  it.each<[string, string, 'json' | 'jsonl' | 'text', unknown]>([
    [
      'claude: a result',
      jsonl({
        ...{
          type: 'result',
          subtype: 'success',
          is_error: false,
          result: 'Hi.',
          session_id: 's1',
          total_cost_usd: 0.5,
        },
        usage: { input_tokens: 3, cache_creation_input_tokens: 5, cache_read_input_tokens: 7, output_tokens: 11 },
      }),
      'json',
      {
        ...{ text: 'Hi.', sessionId: 's1', costUsd: 0.5 },
        counts: { input: 3, output: 11, cacheRead: 7, cacheWrite: 5 },
      },
    ],
    [
      'claude: an error',
      jsonl({ type: 'result', subtype: 'success', is_error: true, result: 'Invalid API key', session_id: 's1' }),
      'json',
      { failure: 'Invalid API key', sessionId: 's1' },
    ],
    [
      'claude: an error without a result',
      jsonl({ type: 'result', subtype: 'error_during_execution', is_error: true, errors: ['No conversation found'] }),
      'json',
      { failure: 'No conversation found' },
    ],
    [
      'claude: a list of messages, behind a notice',
      `An update is there.\n${JSON.stringify([
        { type: 'assistant', message: { content: [{ type: 'text', text: 'Well' }] } },
        { type: 'result', result: 'Well.' },
      ])}`,
      'json',
      { text: 'Well.' },
    ],
    [
      'codex: the last message of a thread',
      jsonl(
        { type: 'thread.started', thread_id: 't1' },
        { type: 'item.completed', item: { id: 'i0', type: 'reasoning', text: 'hm' } },
        { type: 'item.completed', item: { id: 'i1', type: 'agent_message', text: 'Looking.' } },
        { type: 'error', message: 'Reconnecting... 1/5' },
        { type: 'item.completed', item: { id: 'i2', type: 'agent_message', text: 'Done.' } },
        { type: 'turn.completed', usage: { input_tokens: 100, cached_input_tokens: 60, output_tokens: 9 } },
      ),
      'jsonl',
      { text: 'Done.', sessionId: 't1', counts: { input: 40, output: 9, cacheRead: 60, cacheWrite: 0 } },
    ],
    [
      'codex: a turn that failed',
      jsonl(
        { type: 'thread.started', thread_id: 't1' },
        { type: 'turn.failed', error: { message: 'You hit your usage limit' } },
      ),
      'jsonl',
      { sessionId: 't1', failure: 'You hit your usage limit' },
    ],
    ['codex: nothing but an error', jsonl({ type: 'error', message: 'boom' }), 'jsonl', { failure: 'boom' }],
    [
      'any program: a nested answer',
      jsonl({ message: { content: 'Yes.' }, conversation_id: 'c' }),
      'json',
      { text: 'Yes.', sessionId: 'c' },
    ],
    ['any program: plain text', '  Yes.\n', 'text', { text: 'Yes.' }],
    ['any program: no JSON', 'Yes.', 'json', {}],
    ['any program: broken JSON', '{"result": "Ye', 'json', {}],
  ])('%s', (_name, stdout, output, wanted) => {
    const { text, sessionId, counts, costUsd, failure } = readCliOutput(stdout, output, FIELDS);
    expect(JSON.parse(JSON.stringify({ text, sessionId, counts, costUsd, failure }))).toEqual(wanted);
  });
});

describe('why a program failed', () => {
  const fault = { target: TARGET, backend: backendOf('claude-cli'), nowMs: 1_755_806_000_000 };

  it.each([
    ['Invalid API key · Please run /login', 'model.auth'],
    ['unexpected status 401 Unauthorized: Missing bearer', 'model.auth'],
    ['Claude AI usage limit reached|1755806400', 'model.rate_limit'],
    ["You've hit your usage limit. Try again in 3 hours", 'model.rate_limit'],
    ['Credit balance is too low', 'model.credit'],
    ['API Error: 529 {"type":"overloaded_error"}', 'model.overloaded'],
    ['Prompt is too long', 'model.context_full'],
    ['There is an issue with the selected model (x). It may not exist', 'model.not_found'],
    ["error: unknown option '--tools'", 'model.server_error'],
  ])('%s', (said, code) => {
    expect(saidError(fault, said, 1).code).toBe(code);
  });

  it('says when a limit ends', () => {
    expect(saidError(fault, 'Claude AI usage limit reached|1755806400', 1).retryAfterMs).toBe(400_000);
    expect(saidError(fault, 'usage limit. Try again in 3 hours', 1).retryAfterMs).toBe(10_800_000);
    expect(saidError(fault, 'rate limit', 1).retryAfterMs).toBe(60_000);
  });

  it('says what to do about a program that is missing', () => {
    const error = cutError(fault, { kind: 'not-started', code: 'ENOENT' });
    expect(error.code).toBe('model.not_configured');
    expect(error.message).toBe('claude-cli/opus: the program "claude" was not found.');
    expect(error.hint).toContain('agents.defaults.cliBackends.claude-cli.command');
  });

  it('repeats no value of the environment it was given', () => {
    const backend = { ...fault.backend, env: { TOKEN: 'very-secret-value' } };
    expect(saidError({ ...fault, backend }, 'bad very-secret-value', 1).message).not.toContain('very-secret');
  });

  it('knows a session that is gone', () => {
    expect(isLostSession('No conversation found with session ID: d56965c9')).toBe(true);
    expect(isLostSession('thread 0199 not found')).toBe(true);
    expect(isLostSession('file not found')).toBe(false);
  });
});

describe('the prompt', () => {
  const own = { api: 'cli', provider: 'claude-cli', model: 'opus' };
  const talk: Message[] = [
    { role: 'user', content: 'one' },
    { role: 'assistant', content: 'first', ...own },
    { role: 'user', content: 'two' },
  ];

  it('is the words alone when there is nothing before them', () => {
    expect(promptOf([{ role: 'user', content: 'one' }], TARGET)).toBe('one');
  });

  it('has the conversation in front for a program that does not know it', () => {
    const prompt = promptOf(talk, TARGET);
    expect(prompt).toContain('[User]\none\n\n[Assistant]\nfirst');
    expect(prompt.endsWith('two')).toBe(true);
  });

  it('is what came since its last answer for one that does', () => {
    expect(messagesSince(talk, TARGET)).toEqual([talk[2]]);
  });

  it.each<[string, Message[]]>([
    ['it never answered', [{ role: 'user', content: 'one' }]],
    [
      'another program answered',
      [
        { role: 'assistant', content: 'a', ...own, provider: 'codex-cli' },
        { role: 'user', content: 'b' },
      ],
    ],
    [
      'its answer was broken off',
      [
        { role: 'assistant', content: 'a', ...own, stopReason: 'aborted' },
        { role: 'user', content: 'b' },
      ],
    ],
    ['nothing was said since', talk.slice(0, 2)],
  ])('starts anew when %s', (_name, messages) => {
    expect(messagesSince(messages, TARGET)).toBeUndefined();
  });
});
