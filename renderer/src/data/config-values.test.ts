import { describe, expect, it } from 'vitest';
import { changedPaths, type ConfigChange, mergeChanges, readPath, toMergePatch, withChanges } from './config-values.js';
import { needsRestart, type ReloadMode, readReloadMode } from './restart-rules.js';

const at = (path: string, value: unknown): ConfigChange => ({ path: path.split('.'), value });

describe('a batch of changes', () => {
  it('keeps the last change of each setting', () => {
    const merged = mergeChanges([at('a.b', 1), at('c', 1)], [at('a.b', 2)]);
    expect(merged).toEqual([at('c', 1), at('a.b', 2)]);
  });

  it('becomes one merge patch in which null takes out', () => {
    const patch = toMergePatch([at('gateway.port', 1), at('gateway.bind', undefined), at('x', [1])]);
    expect(patch).toEqual({ gateway: { port: 1, bind: null }, x: [1] });
  });

  it('leaves the original alone and the order of keys', () => {
    const before = { a: { b: 1, c: 2 }, d: 3 };
    const after = withChanges(before, [at('a.b', 9), at('d', undefined)]);
    expect(before).toEqual({ a: { b: 1, c: 2 }, d: 3 });
    expect(JSON.stringify(after)).toBe('{"a":{"b":9,"c":2}}');
    expect(readPath(after, ['a', 'b'])).toBe(9);
    expect(readPath(after, ['a', 'b', 'c'])).toBeUndefined();
  });

  it('names what differs between two files', () => {
    expect(changedPaths({ a: { b: 1 }, l: [1] }, { a: { b: 2, c: 1 }, l: [1, 2] })).toEqual(['a.b', 'a.c', 'l']);
    expect(changedPaths({ a: [{ b: 1 }] }, { a: [{ b: 1 }] })).toEqual([]);
  });
});

describe('what needs a restart', () => {
  it.each<[string, ReloadMode, boolean]>([
    ['gateway.port', 'hybrid', true],
    ['gateway.auth.mode', 'hot', true],
    ['gateway', 'hybrid', true],
    ['gatewayish', 'hybrid', true],
    ['gateway.reload.mode', 'hybrid', false],
    ['gateway.remote.url', 'hybrid', false],
    ['plugins.entries.x', 'hybrid', true],
    ['models.providers.openai.apiKey', 'hybrid', false],
    ['agents.defaults.model', 'hot', false],
    ['channels.telegram.token', 'hybrid', false],
    ['unknown.section', 'hybrid', true],
    ['agents.defaults.model', 'off', true],
    ['logging.level', 'restart', true],
  ])('%s in mode %s: %s', (path, mode, expected) => expect(needsRestart(path, mode)).toBe(expected));

  it('takes hybrid for an unknown mode', () => {
    expect(readReloadMode('sometimes')).toBe('hybrid');
    expect(readReloadMode('off')).toBe('off');
  });
});

describe('entries of lists, by their id', () => {
  const root = { agents: { list: [{ id: 'main' }, { id: 'Ops', tools: { deny: ['x'] } }] } };
  const path = (...rest: string[]) => ['agents', 'list', '[ops]', ...rest];

  it('are read and changed in place', () => {
    expect(readPath(root, path('tools', 'deny'))).toEqual(['x']);
    expect(withChanges(root, [{ path: path('model'), value: 'm' }])).toEqual({
      agents: { list: [{ id: 'main' }, { id: 'Ops', tools: { deny: ['x'] }, model: 'm' }] },
    });
  });

  it('are added when they are new, and leave nothing behind when nothing is taken out', () => {
    expect(withChanges({}, [{ path: path('model'), value: 'm' }])).toEqual({
      agents: { list: [{ id: 'ops', model: 'm' }] },
    });
    expect(withChanges({}, [{ path: path('model'), value: undefined }])).toEqual({});
  });

  it('merge by id in a patch', () => {
    const changes = [
      { path: path('model'), value: 'm' },
      { path: path('tools', 'deny'), value: undefined },
    ];
    expect(toMergePatch(changes)).toEqual({ agents: { list: [{ id: 'ops', model: 'm', tools: { deny: null } }] } });
  });
});
