import json5 from 'json5';
import { describe, expect, it } from 'vitest';
import { editConfigText, writeConfigText } from './config-text-edit.js';
import { lineOfPath, placeInMessage, readNodes } from './config-text.js';
import { type ConfigChange, withChanges } from './config-values.js';

const FILE = `// mine
{
  gateway: {
    mode: 'local', // here
    port: 18789,
  },
  agents: { list: [{ id: 'main' }, { id: 'b' }] },
  /* end */
}
`;

const at = (path: string, value: unknown): ConfigChange => ({ path: path.split('.'), value });

describe('changes inside the text of the config', () => {
  it('replace a value and nothing else', () => {
    expect(editConfigText(FILE, [at('gateway.port', 19000)])).toBe(FILE.replace('18789', '19000'));
  });

  it('put a new setting behind its siblings, in their style', () => {
    expect(editConfigText(FILE, [at('gateway.bind', 'lan')])).toBe(
      FILE.replace('port: 18789,\n', 'port: 18789,\n    bind: "lan",\n'),
    );
  });

  it('leave a comment with the setting it stands behind', () => {
    const text = '{\n  a: 1, // one\n}\n';
    expect(editConfigText(text, [at('b', 2)])).toBe('{\n  a: 1, // one\n  b: 2,\n}\n');
  });

  it('take a whole line out', () => {
    expect(editConfigText(FILE, [at('gateway.mode', undefined)])).toBe(
      FILE.replace("    mode: 'local', // here\n", ''),
    );
  });

  it.each<[string, string, ConfigChange[]]>([
    ['an empty file', '{}', [at('a.b.c', 1)]],
    ['JSON without a last comma', '{\n  "a": {\n    "b": 1\n  }\n}', [at('a.c', { d: [1, 2] }), at('e', 'x')]],
    ['one line', '{ a: { b: 1 }, c: 2 }', [at('a.d', true), at('c', undefined), at('e.f', null)]],
    ['the last of several without comma', '{"a":1,"b":2}', [at('b', undefined), at('c', 3)]],
    ['strings with brackets in them', "{ a: \"}{,//\", b: '\\'' }", [at('a', 1), at('c', '"')]],
    ['keys that need quotes', '{ a: 1 }', [at('my-key', { 'x y': 1 })]],
    ['a deep removal of what is not there', '{ a: 1 }', [at('b.c', undefined)]],
    ['a setting inside a list of objects', FILE, [at('agents.list', [{ id: 'x' }])]],
  ])('give what was meant: %s', (_, text, changes) => {
    const edited = editConfigText(text, changes);
    expect(edited).toBeDefined();
    const kept = changes.filter((change) => change.value !== undefined || change.path.length === 1);
    expect(json5.parse(edited ?? '')).toEqual(withChanges(json5.parse(text), kept));
  });

  it('give up where a scalar or broken text stands in the way', () => {
    expect(editConfigText('{ a: 1 }', [at('a.b', 2)])).toBeUndefined();
    expect(editConfigText('{ a: {', [at('a.b', 2)])).toBeUndefined();
    expect(writeConfigText(undefined)).toBe('{}\n');
  });
});

describe('places in the text', () => {
  it.each([
    ['gateway.port', 5],
    ['gateway.nope', 3],
    ['agents.list[1].id', 7],
    ['agents.list.0', 7],
    ['', 2],
  ])('the line of %s is %i', (path, line) => expect(lineOfPath(FILE, path)).toBe(line));

  it('are found in half-written text', () => {
    const paths = readNodes('{ a: { b: [1, { c: ').map((node) => node.path.join('.'));
    expect(paths).toEqual(['', 'a', 'a.b', 'a.b.0', 'a.b.1']);
  });

  it('never hang, whatever is typed', () => {
    const signs = ['{', '}', '[', ']', ':', ',', '"', "'", '/', '*', '\\', 'a', '\n', ' '];
    let seed = 7;
    const next = () => (seed = (seed * 1_103_515_245 + 12_345) % 2_147_483_648);
    for (let round = 0; round < 2_000; round++) {
      const text = Array.from({ length: 30 }, () => signs[next() % signs.length]).join('');
      expect(readNodes(text).length).toBeLessThan(40);
    }
  });

  it('are read from the message of the parser', () => {
    expect(placeInMessage("JSON5: invalid character 'x' at 12:7")).toEqual({ line: 12, column: 7 });
    expect(placeInMessage('no place')).toBeUndefined();
  });
});

describe('entries of lists, by their id', () => {
  const text =
    "{\n  agents: {\n    list: [\n      { id: 'main' }, // first\n      { id: 'ops', model: 'a' },\n    ],\n  },\n}\n";
  const edit = (id: string, value: unknown, from = text) =>
    editConfigText(from, [{ path: ['agents', 'list', `[${id}]`, 'model'], value }]);

  it('are changed where they stand', () => {
    expect(edit('ops', 'b')).toBe(text.replace("'a'", '"b"'));
    expect(edit('main', 'b')).toContain('// first');
    expect(json5.parse(edit('main', 'b') ?? '')).toEqual({
      agents: {
        list: [
          { id: 'main', model: 'b' },
          { id: 'ops', model: 'a' },
        ],
      },
    });
  });

  it('are added at the end of their list, or with it', () => {
    for (const [from, before] of [
      [text, [{ id: 'main' }, { id: 'ops', model: 'a' }]],
      ['{}', []],
    ] as const) {
      const made = json5.parse<{ agents: { list: unknown[] } }>(edit('new', 'm', from) ?? '');
      expect(made.agents.list).toEqual([...before, { id: 'new', model: 'm' }]);
    }
  });
});
