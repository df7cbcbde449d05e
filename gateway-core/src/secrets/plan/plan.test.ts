import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createScratch, type Scratch } from '../testing/scratch.js';
import { checkPlan, planEdits } from './apply-plan.js';
import { parsePlan, writePlan } from './plan.js';

let scratch: Scratch;
beforeEach(async () => {
  scratch = await createScratch();
});
afterEach(() => scratch.remove());

const REF = { source: 'env', provider: 'default', id: 'OPENAI_API_KEY' };
const TARGET = {
  type: 'models.providers.apiKey',
  path: 'models.providers.openai.apiKey',
  pathSegments: ['models', 'providers', 'openai', 'apiKey'],
  providerId: 'openai',
  ref: REF,
};
const plan = (...targets: object[]) => ({ version: 1, protocolVersion: 1, targets });

describe('reading a plan', () => {
  it('takes targets with and without type and segments', () => {
    const parsed = parsePlan(plan(TARGET, { path: 'agents.list[0].memorySearch.remote.apiKey', ref: REF }));
    expect(parsed.targets.map((target) => target.path.join('/'))).toEqual([
      'models/providers/openai/apiKey',
      'agents/list/0/memorySearch/remote/apiKey',
    ]);
    expect(parsed.scrubEnv).toBe(true);
  });

  it('keeps a dot in a key when the segments say so', () => {
    const segments = ['models', 'providers', 'my.local', 'apiKey'];
    const parsed = parsePlan(plan({ path: segments.join('.'), pathSegments: segments, ref: REF }));
    expect(parsed.targets[0]?.path).toEqual(segments);
  });

  it('reads back what it writes', () => {
    const parsed = parsePlan({
      ...plan(TARGET, { path: 'talk.apiKey', ref: { source: 'exec', provider: 'op', id: 'value' } }),
      providerUpserts: { op: { source: 'exec', command: '/usr/bin/op' } },
      providerDeletes: ['old'],
      options: { scrubEnv: false },
    });
    const written = writePlan(parsed, new Date(0));
    expect(written).toMatchObject({ version: 1, protocolVersion: 1, generatedAt: '1970-01-01T00:00:00.000Z' });
    expect(parsePlan(JSON.parse(JSON.stringify(written)))).toEqual(parsed);
  });

  it.each<[string, unknown, string]>([
    ['no object', [], 'not one of version 1'],
    ['another version', { ...plan(TARGET), version: 2 }, 'not one of version 1'],
    ['another protocol', { ...plan(TARGET), protocolVersion: 2 }, 'not one of version 1'],
    ['no targets', { version: 1, protocolVersion: 1 }, 'no list of targets'],
    ['a target without path', plan({ ref: REF }), 'has no path'],
    ['an unknown type', plan({ ...TARGET, type: 'gateway.port' }), 'Unknown plan target type: gateway.port'],
    [
      'a path that is not of its type',
      plan({ ...TARGET, path: 'models.providers.openai.baseUrl', pathSegments: undefined }),
      'Invalid plan target path for models.providers.apiKey: models.providers.openai.baseUrl',
    ],
    ['a place that holds no secret', plan({ path: 'gateway.port', ref: REF }), 'gateway.port is not a place'],
    ['segments that differ', plan({ ...TARGET, pathSegments: ['models'] }), 'differ'],
    ['another provider id', plan({ ...TARGET, providerId: 'x' }), 'providerId'],
    ['a forbidden key', plan({ path: 'models.providers.__proto__.apiKey', ref: REF }), 'Invalid plan target path'],
    ['an empty key', plan({ path: 'models.providers..apiKey', ref: REF }), 'Invalid plan target path'],
    ['no ref', plan({ ...TARGET, ref: 'sk-1' }), 'no complete reference'],
    ['a bad ref', plan({ ...TARGET, ref: { ...REF, id: 'lower' } }), 'not the name of an environment variable'],
    ['the same place twice', plan(TARGET, TARGET), 'twice'],
    ['an auth profile', plan({ path: 'profiles.a.key', agentId: 'main', ref: REF }), 'Auth profiles'],
    ['a bad provider', { ...plan(), providerUpserts: { p: { source: 'exec' } } }, 'it has no command'],
    ['a bad provider name', { ...plan(), providerUpserts: { 'P!': { source: 'env' } } }, 'Invalid provider name'],
    ['bad deletes', { ...plan(), providerDeletes: ['__proto__'] }, 'providerDeletes'],
  ])('refuses %s', (_name, value, message) => {
    expect(() => parsePlan(value)).toThrow(message);
  });
});

describe('the edits of a plan', () => {
  const config = {
    models: { providers: { openai: { apiKey: 'sk-old', baseUrl: 'x' } } },
    channels: { googlechat: { serviceAccount: '{"k":1}' } },
    secrets: { providers: { old: { source: 'env' } } },
  };

  it('bring providers first and take them last; the config stays as it was', () => {
    const before = structuredClone(config);
    const planned = planEdits(
      parsePlan({
        ...plan(TARGET, { path: 'channels.googlechat.serviceAccount', ref: REF }),
        providerUpserts: { f: { source: 'file', path: '/x' } },
        providerDeletes: ['old', 'never-there'],
      }),
      config,
    );
    expect(planned.edits).toEqual([
      { path: ['secrets', 'providers', 'f'], value: { source: 'file', path: '/x' } },
      { path: ['models', 'providers', 'openai', 'apiKey'], value: REF },
      { path: ['channels', 'googlechat', 'serviceAccountRef'], value: REF },
      { path: ['channels', 'googlechat', 'serviceAccount'] },
      { path: ['secrets', 'providers', 'old'] },
    ]);
    expect(planned.config).toEqual({
      models: { providers: { openai: { apiKey: REF, baseUrl: 'x' } } },
      channels: { googlechat: { serviceAccountRef: REF } },
      secrets: { providers: { f: { source: 'file', path: '/x' } } },
    });
    expect(planned.replaced).toEqual(new Set(['sk-old', '{"k":1}']));
    expect(config).toEqual(before);
  });

  it('are none when the plan was already applied', () => {
    const parsed = parsePlan(plan(TARGET));
    const once = planEdits(parsed, config);
    expect(planEdits(parsed, once.config)).toMatchObject({ edits: [], replaced: new Set() });
  });

  it('are refused for an agent the list does not have', () => {
    const parsed = parsePlan(plan({ path: 'agents.list.3.memorySearch.remote.apiKey', ref: REF }));
    expect(() => planEdits(parsed, { agents: { list: [{ id: 'main' }] } })).toThrow('nothing at agents.list.3');
  });
});

describe('checking a plan', () => {
  const check = (
    value: unknown,
    options: { allowExec?: boolean; dryRun?: boolean } = {},
    env: NodeJS.ProcessEnv = {},
  ) =>
    checkPlan(parsePlan(value), {}, { allowExec: false, dryRun: false, context: scratch.context({ env }), ...options });

  it('reads every ref with the providers that the plan brings', async () => {
    const file = await scratch.write('s.json', '{"a":"1"}');
    const value = {
      ...plan({ ...TARGET, ref: { source: 'file', provider: 'f', id: '/a' } }),
      providerUpserts: { f: { source: 'file', path: file } },
    };
    expect(await check(value)).toMatchObject({ refsChecked: 1, skippedExecRefs: 0 });
  });

  it('fails for a ref that cannot be read', async () => {
    await expect(check(plan(TARGET))).rejects.toMatchObject({
      code: 'secret.unavailable',
      message:
        'models.providers.openai.apiKey cannot get its reference: Environment variable "OPENAI_API_KEY" is missing or empty.',
    });
    expect(await check(plan(TARGET), {}, { OPENAI_API_KEY: 'k' })).toMatchObject({ refsChecked: 1 });
  });

  it('runs commands only when allowed; a dry run goes without them', async () => {
    const command = await scratch.script('c', 'console.log("sk-1")');
    const value = {
      ...plan({ ...TARGET, ref: { source: 'exec', provider: 'c', id: 'value' } }),
      providerUpserts: { c: { source: 'exec', command, jsonOnly: false } },
    };
    await expect(check(value)).rejects.toMatchObject({ code: 'request.invalid' });
    expect(await check(value, { dryRun: true })).toMatchObject({ refsChecked: 0, skippedExecRefs: 1 });
    expect(await check(value, { allowExec: true })).toMatchObject({ refsChecked: 1, skippedExecRefs: 0 });
  });
});
