import { describe, expect, it } from 'vitest';
import { diffConfig } from './diff.js';
import { planReload } from './reload-plan.js';

describe('diffConfig', () => {
  it('names the leaves that differ, in the order of the files; a list is one leaf', () => {
    const before = { a: { b: 1, c: [1, 2], d: { e: 1 } }, gone: { x: 1 } };
    const after = { a: { b: 2, c: [1, 3], d: { e: 1 } }, fresh: { y: { z: 1 } } };
    expect(diffConfig(before, after)).toEqual(['a.b', 'a.c', 'gone.x', 'fresh.y.z']);
  });

  it('is empty for equal configs, whatever the order of keys, and for an empty section', () => {
    expect(diffConfig({ a: 1, b: { c: 2 } }, { b: { c: 2 }, a: 1 })).toEqual([]);
    expect(diffConfig({}, { cron: {} })).toEqual([]);
    expect(diffConfig({}, { channels: { telegram: {} } })).toEqual(['channels.telegram']);
  });
});

describe('planReload', () => {
  it.each<[path: string, actions: string[]]>([
    ['hooks.gmail.account', ['restart-gmail-watcher', 'reload-hooks']],
    ['hooks.token', ['reload-hooks']],
    ['hooks', ['reload-hooks']],
    ['agents.defaults.heartbeat.every', ['restart-heartbeat']],
    ['agents.defaults.models.x', ['restart-heartbeat']],
    ['agents.defaults.model.primary', ['restart-heartbeat']],
    ['models.providers.p.apiKey', ['restart-heartbeat']],
    ['agent.heartbeat.every', ['restart-heartbeat']],
    ['cron.enabled', ['restart-cron']],
    ['browser.enabled', ['restart-browser-control']],
  ])('applies %s while the gateway runs', (path, actions) => {
    const plan = planReload([path], 'hybrid');
    expect(plan).toMatchObject({ restart: false, actions, hotPaths: [path], channels: [] });
    expect(plan.log).toEqual([{ level: 'info', message: `config hot reload applied (${path})` }]);
  });

  it.each([
    ['channels.telegram.token', 'telegram'],
    ['channels.slack', 'slack'],
    ['web.reconnect.maxMs', 'whatsapp'],
  ])('starts the channel of %s anew', (path, channel) => {
    expect(planReload([path], 'hybrid')).toMatchObject({ restart: false, actions: [], channels: [channel] });
  });

  it.each([
    ...['gateway.channelHealthCheckMinutes', 'gateway.channelStaleEventThresholdMinutes'],
    ...['gateway.channelMaxRestartsPerHour', 'channels.telegram.token', 'web.reconnect.maxMs'],
  ])('claims no effect of %s, which no part of this gateway reads', (path) => {
    const plan = planReload([path], 'hybrid');
    expect(plan).toMatchObject({ restart: false, hotPaths: [path], idlePaths: [path] });
    const noted = `config change noted, no part of this gateway reads it (${path})`;
    expect(plan.log).toEqual([{ level: 'info', message: noted }]);
    expect(planReload([path, 'cron.enabled'], 'hybrid').log.map(({ message }) => message)).toEqual([
      ...['config hot reload applied (cron.enabled)', noted],
    ]);
  });

  it.each([
    ...[
      'gateway.remote.url',
      'gateway.reload.mode',
      'diagnostics.stuckSessionWarnMs',
      'meta.lastTouchedAt',
      'identity.name',
    ],
    ...['wizard.lastRunAt', 'logging.level', 'agents.list', 'agents.defaults.workspace', 'tools.allow', 'bindings'],
    ...[
      'audio.transcription.command',
      'agent.model',
      'routing.x',
      'messages.ackReaction',
      'session.scope',
      'talk.voiceId',
    ],
    ...['skills.entries.x.enabled', 'secrets.defaults.env', 'ui.seamColor'],
  ])('only reads %s anew', (path) => {
    const plan = planReload([path], 'hybrid');
    expect(plan).toMatchObject({ restart: false, actions: [], channels: [], dynamicPaths: [path] });
    expect(plan.log).toEqual([{ level: 'info', message: `config change applied (dynamic reads: ${path})` }]);
  });

  it.each([
    ...['plugins.allow', 'gateway.port', 'gateway.auth.token', 'discovery.mdns.mode', 'canvasHost.enabled'],
    ...['diagnostics.enabled', 'update.channel', 'env.vars.X', 'mcp.servers.x.command', 'gateway.remoteX', 'channels'],
  ])('restarts for %s', (path) => {
    const plan = planReload([path], 'hybrid');
    expect(plan).toMatchObject({ restart: true, actions: [], restartPaths: [path] });
    expect(plan.log).toEqual([{ level: 'info', message: `config change requires gateway restart (${path})` }]);
  });

  it('restarts for the whole set when one path needs it, in mode hybrid', () => {
    expect(planReload(['ui.seamColor', 'hooks.token', 'gateway.port'], 'hybrid')).toMatchObject({
      restart: true,
      actions: [],
    });
  });

  it('ignores what needs a restart in mode hot, with a warning, and applies the rest', () => {
    const plan = planReload(['gateway.port', 'hooks.token'], 'hot');
    expect(plan).toMatchObject({ restart: false, actions: ['reload-hooks'] });
    expect(plan.log.map(({ level }) => level)).toEqual(['warn', 'info']);
    expect(planReload(['gateway.port'], 'hot').log.map(({ level }) => level)).toEqual(['warn']);
  });

  it('restarts for anything in mode restart, and for nothing in mode off', () => {
    expect(planReload(['ui.seamColor'], 'restart').restart).toBe(true);
    expect(planReload(['gateway.port', 'hooks.token'], 'off')).toMatchObject({
      restart: false,
      actions: [],
      channels: [],
    });
    expect(planReload([], 'restart')).toMatchObject({ restart: false, log: [] });
  });
});
