import { describe, expect, it } from 'vitest';
import { configWriteMethods, fits } from '../protocol/index.js';
import { SECTION_NAMES } from './schema/index.js';
import { WORDS } from './schema/words/index.js';
import { configSchema, lookUp, type PublicNode } from './schema-page.js';

const page = configSchema(Date.parse('2026-11-21T00:00:00Z'));

describe('config.schema', () => {
  it('is a draft-07 schema with hints, version and time', () => {
    expect(fits(configWriteMethods['config.schema'].result, page)).toBe(true);
    expect(page.generatedAt).toBe('2026-11-21T00:00:00.000Z');
    expect(page.version).toMatch(/^\d{4}\.\d+\.\d+$/);
    const schema = page.schema as PublicNode;
    expect(schema.$schema).toBe('http://json-schema.org/draft-07/schema#');
    expect(Object.keys(schema.properties ?? {})).toEqual(SECTION_NAMES);
  });

  it.each(SECTION_NAMES)('says what the section %s is for', (name) => {
    const { label, help, tags, group, order } = page.uiHints[name] ?? {};
    expect([label, help, group]).toEqual([expect.any(String), expect.stringMatching(/\.$/), label]);
    expect(tags?.length).toBeGreaterThan(0);
    expect(order).toBeGreaterThan(0);
    const node = (page.schema as PublicNode).properties?.[name];
    expect(node).toMatchObject({ title: label, description: help });
  });

  it('has no words for settings that do not exist', () => {
    expect(Object.keys(WORDS).filter((path) => !page.uiHints[path])).toEqual([]);
  });

  it('says which settings are secret', () => {
    const secret = Object.entries(page.uiHints).flatMap(([path, hint]) => (hint.sensitive ? [path] : []));
    expect(secret).toEqual(
      expect.arrayContaining([
        'gateway.auth.token',
        'gateway.auth.password',
        'models.providers.*.apiKey',
        'models.providers.*.headers.*',
        'hooks.token',
        'agents.list.*.memorySearch.remote.apiKey',
      ]),
    );
    expect(page.uiHints['gateway.auth.token']?.tags).toEqual(['security', 'auth', 'network']);
  });

  it('carries nothing that JSON Schema does not know', () => {
    expect(JSON.stringify(page.schema)).not.toContain('x-message');
  });
});

describe('config.schema.lookup', () => {
  it('shows a section with its children', () => {
    const found = lookUp('gateway.auth');
    expect(fits(configWriteMethods['config.schema.lookup'].result, found)).toBe(true);
    expect(found).toMatchObject({
      path: 'gateway.auth',
      schema: { type: 'object', additionalProperties: false },
      hint: { label: 'Sign-in', tags: ['network'] },
      hintPath: 'gateway.auth',
    });
    expect(found.schema).not.toHaveProperty('properties');
    const children = found.children.map(({ key, type, required, hasChildren, hintPath, hint }) => [
      key,
      type,
      required,
      hasChildren,
      hintPath,
      hint?.sensitive,
    ]);
    expect(children).toEqual([
      ['mode', undefined, false, false, 'gateway.auth.mode', undefined],
      ['token', undefined, false, true, 'gateway.auth.token', true],
      ['password', undefined, false, true, 'gateway.auth.password', true],
      ['allowTailscale', 'boolean', false, false, 'gateway.auth.allowTailscale', undefined],
      ['rateLimit', 'object', false, true, 'gateway.auth.rateLimit', undefined],
      ['trustedProxy', 'object', false, true, 'gateway.auth.trustedProxy', undefined],
    ]);
  });

  it('shows a single setting', () => {
    expect(lookUp('gateway.port')).toMatchObject({
      path: 'gateway.port',
      schema: { type: 'integer' },
      hintPath: 'gateway.port',
      children: [],
    });
  });

  it.each([
    ['agents.list[0].identity', 'agents.list.0.identity', 'agents.list.*.identity'],
    ['agents.list[].id', 'agents.list.*.id', 'agents.list.*.id'],
    ['models.providers.openai.apiKey', 'models.providers.openai.apiKey', 'models.providers.*.apiKey'],
    ['agents.defaults.model.primary', 'agents.defaults.model.primary', 'agents.defaults.model.primary'],
  ])('finds %s', (path, place, hintPath) => {
    expect(lookUp(path)).toMatchObject({ path: place, hintPath });
  });

  it('names free keys and items with a star', () => {
    expect(lookUp('models.providers').children.map(({ key, path }) => [key, path])).toEqual([
      ['*', 'models.providers.*'],
    ]);
    expect(lookUp('agents.list').children[0]).toMatchObject({ key: '*', type: 'object', hasChildren: true });
    expect(lookUp('agents.list.*').children[0]).toMatchObject({ key: 'id', required: true });
  });

  it.each(['nope.nope', 'gateway.nope', 'gateway.port.x', '...', 'gateway.__proto__', 'agents.list.x'])(
    'refuses %s',
    (path) => {
      expect(() => lookUp(path)).toThrow('config schema path not found');
    },
  );
});
