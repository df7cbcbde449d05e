// The pure parts of the room, as tables.
import { describe, expect, it } from 'vitest';
import type { OpenClawConfig } from '../config/index.js';
import type { ToolScope } from '../tools/index.js';
import { chooseHost } from './choose-host.js';
import { cleanEnvironment } from './clean-environment.js';
import { execSettings, refuseElevated } from './exec-settings.js';
import { createHostWorkplace } from './host-workplace.js';
import { hexBytes, keyBytes, pasteBytes } from './key-bytes.js';
import { MAX_OUTPUT_CHARS, OutputBuffer } from './output-buffer.js';
import { formatRuntime } from './process-listing.js';

const scope = (changes: Partial<ToolScope> = {}): ToolScope => ({
  agentId: 'main',
  sessionKey: 'agent:main:main',
  sessionId: 's',
  runId: 'r',
  workspaceDir: '/w',
  isMain: true,
  subagentDepth: 0,
  ...changes,
});

describe('where a command runs', () => {
  const rows: Array<[string, string | undefined, boolean, boolean, string]> = [
    // configured, asked, sandboxed, elevated → host or refusal
    ['auto', undefined, false, false, 'gateway'],
    ['auto', undefined, true, false, 'sandbox'],
    ['auto', 'auto', true, false, 'sandbox'],
    ['auto', 'sandbox', false, false, 'refused'],
    ['auto', 'sandbox', true, false, 'sandbox'],
    ['auto', 'gateway', false, false, 'gateway'],
    ['auto', 'gateway', true, false, 'refused'],
    ['auto', 'node', true, false, 'node'],
    ['sandbox', undefined, false, false, 'refused'],
    ['sandbox', undefined, true, false, 'sandbox'],
    ['sandbox', 'gateway', true, false, 'refused'],
    ['sandbox', 'node', true, false, 'refused'],
    ['gateway', undefined, true, false, 'gateway'],
    ['gateway', 'node', false, false, 'refused'],
    ['gateway', 'sandbox', true, false, 'refused'],
    ['node', undefined, false, false, 'node'],
    ['node', 'gateway', false, false, 'refused'],
    ['auto', undefined, true, true, 'gateway'],
    ['sandbox', undefined, true, true, 'gateway'],
    ['auto', undefined, false, true, 'gateway'],
    ['sandbox', undefined, false, true, 'refused'],
  ];
  it.each(rows)('config %s, call %s, sandboxed %s, elevated %s → %s', (...row) => {
    const [configured, asked, isSandboxed, wants, host] = row;
    const facts = { asked, isSandboxed, wantsElevated: wants, elevatedRefusal: undefined };
    const choice = chooseHost({ configured: configured as 'auto', ...facts });
    expect('host' in choice ? choice.host : 'refused').toBe(host);
  });

  it('does not leave the sandbox for those who may not', () => {
    const facts = {
      configured: 'auto',
      isSandboxed: true,
      wantsElevated: true,
      elevatedRefusal: 'not listed',
    } as const;
    expect(chooseHost(facts)).toEqual({ refusal: 'This may not run outside the sandbox: not listed.' });
  });
});

describe('who may leave the sandbox', () => {
  const everyone = (allowFrom: Record<string, Array<string | number>>, enabled?: boolean): OpenClawConfig => ({
    tools: { elevated: { enabled, allowFrom } },
  });
  const rows: Array<[string, OpenClawConfig, Partial<ToolScope>, boolean]> = [
    ['the window', {}, {}, true],
    ['the window, switched off', everyone({}, false), {}, false],
    ['a channel without a list', {}, { channel: 'telegram', senderId: '7' }, false],
    ['a listed sender', everyone({ telegram: [7] }), { channel: 'telegram', senderId: '7' }, true],
    ['another sender', everyone({ telegram: [7] }), { channel: 'telegram', senderId: '77' }, false],
    ['another channel', everyone({ telegram: [7] }), { channel: 'discord', senderId: '7' }, false],
    ['everybody', everyone({ telegram: ['*'] }), { channel: 'Telegram', senderId: '8' }, true],
    ['a sender without an id', everyone({ telegram: ['*'] }), { channel: 'telegram' }, false],
    ['decorated ids', everyone({ discord: ['user:9'] }), { channel: 'discord', senderId: 'discord:9' }, true],
    ['a name in any case', everyone({ slack: ['@Ada'] }), { channel: 'slack', senderId: 'ada' }, true],
    ['not the owner', everyone({ telegram: [7] }), { channel: 'telegram', senderId: '7', isOwner: false }, false],
    ['a subagent', {}, { subagentDepth: 1 }, false],
    ['a hook', {}, { sessionKey: 'agent:main:hook:1' }, false],
  ];
  it.each(rows)('%s', (_name, config, changes, mayLeave) => {
    expect(refuseElevated(config, scope(changes)) === undefined).toBe(mayLeave);
  });

  it('takes the list of an agent as a second wall', () => {
    const config: OpenClawConfig = {
      tools: { elevated: { allowFrom: { telegram: [7, 8] } } },
      agents: { list: [{ id: 'main', tools: { elevated: { allowFrom: { telegram: [8, 9] } } } }] },
    };
    const may = (senderId: string) => refuseElevated(config, scope({ channel: 'telegram', senderId })) === undefined;
    expect(['7', '8', '9'].map(may)).toEqual([false, true, false]);
  });
});

describe('settings', () => {
  it('have the defaults of the specification and keep bounds', () => {
    expect(execSettings({}, 'main')).toMatchObject({
      host: 'auto',
      yieldMs: 10_000,
      timeoutMs: 1_800_000,
      keptMs: 1_800_000,
      notifyOnExit: true,
      notifyOnExitEmptySuccess: false,
      runningNoticeMs: 10_000,
    });
    const kept = (cleanupMs: number) => execSettings({ tools: { exec: { cleanupMs } } }, 'main').keptMs;
    expect([1, 100_000, 99_999_999].map(kept)).toEqual([60_000, 100_000, 10_800_000]);
  });

  it('take those of the agent over those of all', () => {
    const config: OpenClawConfig = {
      tools: { exec: { host: 'gateway', timeoutSec: 5 } },
      agents: { list: [{ id: 'main', tools: { exec: { host: 'node' } } }] },
    };
    expect(execSettings(config, 'main')).toMatchObject({ host: 'node', timeoutMs: 5_000 });
    expect(execSettings(config, 'other')).toMatchObject({ host: 'gateway' });
  });
});

describe('the environment of a command', () => {
  it('holds a fixed list of names, and no secret of the config', () => {
    const env = cleanEnvironment({
      base: {
        PATH: '/bin',
        HOME: '/h',
        LC_TIME: 'C',
        XDG_DATA_HOME: '/x',
        https_proxy: 'p',
        OPENCLAW_GATEWAY_TOKEN: 't',
        ANTHROPIC_API_KEY: 'k',
        NODE_OPTIONS: '--inspect',
        AWS_SESSION: 's',
        EMPTY: undefined,
      },
      config: { GREETING: 'hi', OPENAI_API_KEY: 'k', MY_TOKEN: 't', DB_PASSWORD: 'p', PATH: '/evil', LD_PRELOAD: 'x' },
      pathPrepend: ['/first'],
      added: { EXTRA: '1' },
      delimiter: ':',
    });
    expect(env).toEqual({
      PATH: '/first:/bin',
      HOME: '/h',
      LC_TIME: 'C',
      XDG_DATA_HOME: '/x',
      https_proxy: 'p',
      GREETING: 'hi',
      EXTRA: '1',
      TERM: 'xterm-256color',
    });
  });

  it('gives a shell line to the shell of Windows', async () => {
    const env = { Path: 'C:\\bin', SystemRoot: 'C:\\Windows' };
    const pathPrepend = () => ['C:\\first'];
    const workplace = createHostWorkplace({ workspaceDir: '/', env, pathPrepend, platform: 'win32' });
    expect(await workplace.command({ argv: ['/bin/sh', '-c', 'dir'] })).toMatchObject({
      file: 'powershell.exe',
      args: ['-NoProfile', '-NonInteractive', '-Command', 'dir'],
      env: { Path: 'C:\\first;C:\\bin', SystemRoot: 'C:\\Windows' },
    });
  });
});

describe('keys', () => {
  it.each([
    [['Enter'], '\r'],
    [['C-c'], '\u0003'],
    [['c-C'], '\u0003'],
    [['^D'], '\u0004'],
    [['C-['], '\u001b'],
    [['C-Space'], '\u0000'],
    [['M-x'], '\u001bx'],
    [['C-M-a'], '\u001b\u0001'],
    [['S-a'], 'A'],
    [['S-Tab'], '\u001b[Z'],
    [['Up', 'Down'], '\u001b[A\u001b[B'],
    [['C-Right'], '\u001b[1;5C'],
    [['M-S-Left'], '\u001b[1;4D'],
    [['PageDown', 'DC', 'F5'], '\u001b[6~\u001b[3~\u001b[15~'],
    [['h', 'é', '😀', '-'], 'hé😀-'],
  ])('%j', (names, data) => {
    expect(keyBytes(names, false)).toEqual({ data });
  });

  it('have other codes for arrows where they are asked for', () => {
    expect(keyBytes(['Up', 'C-Up'], true)).toEqual({ data: '\u001bOA\u001b[1;5A' });
  });

  it.each(['Nothing', 'C-é', 'C-Nothing', '', 'ab', 'toString'])('%j is none', (name) => {
    expect(keyBytes([name], false)).toEqual({ unknown: name });
  });

  it('come as hex, too', () => {
    expect(hexBytes(['1b', '0x5b', '41 42'])?.toString('latin1')).toBe('\u001b[AB');
    expect(hexBytes(['1'])).toBeUndefined();
    expect(pasteBytes('x', false)).toBe('x');
  });
});

describe('output', () => {
  it('is kept to its end whatever the pieces', () => {
    const output = new OutputBuffer();
    let all = '';
    for (let at = 0; at < 5_000; at += 1) {
      const piece = `${at},`.repeat(1 + (at % 40));
      all += piece;
      output.add(at % 3 === 0 ? 'stderr' : 'stdout', piece);
    }
    expect(output.text()).toBe(all.slice(-MAX_OUTPUT_CHARS));
    expect(output.tail(10)).toBe(all.slice(-10));
    expect(output.totalChars).toBe(all.length);
    expect(output.isCut).toBe(true);
  });

  it('is drained once', () => {
    const output = new OutputBuffer();
    output.add('stdout', 'one');
    output.add('stderr', 'two');
    expect(output.drain()).toBe('one\ntwo');
    expect(output.drain()).toBe('');
    output.add('stdout', 'x'.repeat(100_000));
    expect(output.drain().length).toBeLessThan(30_100);
  });

  it.each([
    [900, '0s'],
    [59_999, '59s'],
    [192_000, '3m12s'],
    [7_500_000, '2h5m'],
  ])('%d ms is %s', (ms, words) => {
    expect(formatRuntime(ms)).toBe(words);
  });
});
