import JSON5 from 'json5';
import { describe, expect, it } from 'vitest';
import { insertValue } from './insert.js';
import { commentSpans, parseText, textOf } from './json5-text.js';

const PATH = ['gateway', 'auth', 'token'];
const into = (source: string, value: unknown = 'T', path = PATH) => insertValue(source, path, value);

describe('insertValue', () => {
  it.each<[string, string, string]>(
    [
      ['an empty object', '{}', '{\n  "gateway": {\n    "auth": {\n      "token": "T"\n    }\n  }\n}'],
      [
        'an empty object that holds a comment',
        '{\n  // nothing yet\n}\n',
        '{\n  // nothing yet\n  "gateway": {\n    "auth": {\n      "token": "T"\n    }\n  }\n}\n',
      ],
      [
        'a JSON file without gateway',
        '{\n  "agents": {}\n}\n',
        '{\n  "agents": {},\n  "gateway": {\n    "auth": {\n      "token": "T"\n    }\n  }\n}\n',
      ],
      [
        'JSON5 with comments, a trailing comma and bare keys',
        '// top\n{\n  gateway: {\n    port: 1, // the port\n    /* end */\n  },\n  ui: {}, // last\n}\n',
        '// top\n{\n  gateway: {\n    port: 1, // the port\n    auth: {\n      token: "T"\n    },\n    /* end */\n  },\n  ui: {}, // last\n}\n',
      ],
      [
        'a last member with a comment and no comma',
        '{\n  gateway: {\n    port: 1 // the port\n  }\n}',
        '{\n  gateway: {\n    port: 1, // the port\n    auth: {\n      token: "T"\n    }\n  }\n}',
      ],
      ['a one-line object', "{ gateway: { mode: 'local' } }", '{ gateway: { mode: \'local\', auth: {"token":"T"} } }'],
      [
        'a one-line object with a trailing comma',
        '{ gateway: { auth: { mode: "token", }, }, }',
        '{ gateway: { auth: { mode: "token", token: "T", }, }, }',
      ],
      [
        'a token that is empty',
        '{ gateway: { auth: { token: "" /* fill me */ } } }',
        '{ gateway: { auth: { token: "T" /* fill me */ } } }',
      ],
      [
        'tabs',
        '{\n\tgateway: {\n\t\tport: 1\n\t}\n}',
        '{\n\tgateway: {\n\t\tport: 1,\n\t\tauth: {\n\t\t  token: "T"\n\t\t}\n\t}\n}',
      ],
    ].filter((row): row is [string, string, string] => row[2] !== undefined),
  )('%s', (_what, source, expected) => {
    expect(into(source)).toBe(expected);
  });

  it('keeps Windows line ends', () => {
    const text = into('{\r\n  "a": 1\r\n}\r\n') ?? '';
    expect(JSON5.parse(text)).toEqual({ a: 1, gateway: { auth: { token: 'T' } } });
    expect(text.replaceAll('\r\n', '')).not.toContain('\n');
  });

  it.each([
    "{ $include: './base.json5', // parts\n  channels: { telegram: { botToken: 'x{}[]//' } } }",
    '{ "gateway": { "auth": { "mode": "token" }, "port": 1 }, "x": [1, { "a": [] }, "//"] }',
    "{\n  'gateway': {},\n  a: +1, b: .5, c: Infinity, d: 0xFF, e: 'it\\'s', f: \"multi\\\nline\",\n}",
    '/* a */ { /* b */ gateway /* c */ : /* d */ { /* e */ } /* f */ } // g',
    '{ gateway: { auth: {} }, gateway: { port: 2 } }',
    '\uFEFF{ a: 1 }',
  ])('changes nothing but the value: %s', (source) => {
    const text = into(source);
    if (text === undefined) throw new Error('not inserted');
    const before = JSON5.parse(source) as { gateway?: { auth?: object } };
    const after = JSON5.parse(text) as typeof before;
    expect(after).toEqual({ ...before, gateway: { ...before.gateway, auth: { ...before.gateway?.auth, token: 'T' } } });
    for (const span of commentSpans(source)) expect(text).toContain(source.slice(span.start, span.end));
  });

  it.each(['', '{', '[]', '5', '{ gateway: 5 }', '{ gateway: { auth: [] } }', '{ a: 1 } x', '{ a: /* }'])(
    'leaves alone what it cannot change safely: %s',
    (source) => {
      expect(into(source)).toBeUndefined();
    },
  );

  it('writes any value at any path', () => {
    expect(into('{ a: { b: 1 } }', ['x', 2], ['a', 'b'])).toBe('{ a: { b: ["x",2] } }');
    expect(into('{\n  a: 1,\n}', true, ['b c'])).toBe('{\n  a: 1,\n  "b c": true,\n}');
  });
});

describe('parseText', () => {
  it.each([
    '{a:1,b:[true,null,-1e3,"x",\'y\',],c:{"d e":{}},}',
    '[{}, [[]], +.5, NaN, "\\u0041"]',
    '"text"',
    '{ "\\u0061b": 1, ünïcode: 2, $_: 3 }',
  ])('finds the same value as the library: %s', (source) => {
    const root = parseText(source);
    if (!root) throw new Error('not parsed');
    expect(textOf(root)).toEqual(JSON5.parse(source));
  });

  it.each(['{a}', '{a:}', '{a:1 b:2}', '[1 2]', '{a:"x}', '{,}', '// only a comment', '{a:1}}'])(
    'refuses %s',
    (source) => {
      expect(parseText(source)).toBeUndefined();
    },
  );

  it('gives each value its place', () => {
    const source = '{ a: "x", b: [10] }';
    const root = parseText(source);
    if (root?.kind !== 'object') throw new Error('not an object');
    expect(root.members.map(({ node }) => source.slice(node.start, node.end))).toEqual(['"x"', '[10]']);
  });
});
