import JSON5 from 'json5';
import { describe, expect, it } from 'vitest';
import { applyEdits, type ConfigEdit, editValue } from './edits.js';
import { commentSpans } from './json5-text.js';

const set = (path: string, value: unknown): ConfigEdit => ({ op: 'set', path: path.split('.'), value });
const drop = (path: string): ConfigEdit => ({ op: 'delete', path: path.split('.') });
const insert = (path: string, value: unknown): ConfigEdit => ({ op: 'insert', path: path.split('.'), value });

const FILE = `// my house
{
  // ---- the door ----

  // where it listens
  gateway: {
    port: 18789, // the usual one
    'bind': 'loopback',
    /* keep secret */ auth: { mode: "token", token: 'abc' },
  },

  agents: {
    list: [
      { id: 'main', default: true }, // the first
      // for work
      {
        id: 'work', // never rename
        name: "Work",
      },
    ],
  },
  tools: { deny: ['exec', 'browser'] }, // careful
  hex: 0xFF,
}
// end
`;

describe('applyEdits', () => {
  it.each<[string, ConfigEdit[], (text: string) => string]>([
    ['a number', [set('gateway.port', 1)], (text) => text.replace('18789', '1')],
    ['a text, in its own quotes', [set('gateway.bind', 'lan')], (text) => text.replace("'loopback'", "'lan'")],
    ['a text with a quote in it', [set('gateway.bind', "it's")], (text) => text.replace("'loopback'", '"it\'s"')],
    [
      'a key with its comment gone',
      [drop('gateway.port')],
      (text) => text.replace('    port: 18789, // the usual one\n', ''),
    ],
    [
      'a section gone: its comment goes, the heading above a blank line stays',
      [drop('gateway')],
      (text) => text.replace(/\n\n {2}\/\/ where it listens[\s\S]*?\n {2}\},\n/, '\n'),
    ],
    ['the last of a one-line object gone', [drop('gateway.auth.token')], (text) => text.replace(", token: 'abc'", '')],
    ['the first of a one-line object gone', [drop('gateway.auth.mode')], (text) => text.replace('mode: "token", ', '')],
    [
      'a new key in a one-line object',
      [set('tools.allow', ['read'])],
      (text) => text.replace("'browser'] }", '\'browser\'], allow: ["read"] }'),
    ],
    [
      'a new key inside an item of a list',
      [set('agents.list.1.workspace', '~/w')],
      (text) => text.replace('name: "Work",\n', 'name: "Work",\n        workspace: "~/w",\n'),
    ],
    [
      'an item added',
      [insert('agents.list.9', { id: 'x' })],
      (text) => text.replace('      },\n    ],', '      },\n      {\n        id: "x"\n      },\n    ],'),
    ],
    [
      'an item gone',
      [drop('agents.list.0')],
      (text) => text.replace("      { id: 'main', default: true }, // the first\n", ''),
    ],
    ['a text item gone', [drop('tools.deny.0')], (text) => text.replace("'exec', ", '')],
    ['a text item put first', [insert('tools.deny.0', 'a')], (text) => text.replace("['exec'", '["a", \'exec\'')],
    [
      'a new section at the end',
      [set('ui', { seamColor: '#fff' })],
      (text) => text.replace('0xFF,\n', '0xFF,\n  ui: {\n    seamColor: "#fff"\n  },\n'),
    ],
    [
      'a whole section replaced: what is equal stays as it was',
      [set('gateway', { port: 2, bind: 'loopback', auth: { mode: 'token', token: 'abc' } })],
      (text) => text.replace('18789', '2'),
    ],
  ])('%s', async (_what, edits, expected) => {
    const result = await applyEdits(FILE, edits);
    expect(result.text).toBe(expected(FILE));
    expect(result.commentsKept).toBe(true);
    expect(JSON5.parse(result.text)).toEqual(result.value);
  });

  it('moves comments with the items of a list that are told apart by id', async () => {
    const list = [
      { id: 'work', name: 'Work' },
      { id: 'main', default: true },
    ];
    const { text } = await applyEdits(FILE, [set('agents.list', list)]);
    expect(text).toMatch(
      /for work\n\s+\{\s+id: 'work', \/\/ never rename[\s\S]*id: 'main', default: true \}, \/\/ the first/,
    );
  });

  it.each([
    ['{ a: 1, // about a\n b: 2, c: 3 }', 'b'],
    ['{ // head\n a: 1, b: 2 }', 'a'],
    ['{ a: 1, // about a\n b: 2 }', 'b'],
    ['{ a: 1 // about a\n, b: 2 }', 'b'],
    ['{ a: 1 // about a\n, b: 2 }', 'a'],
    ['[1, // one\n 2]', '1'],
    ['{ a: 1, a: 2 /* twice */, b: 3 }', 'a'],
    ['{ /* only */ a: 1 }', 'a'],
    ['{\r\n  a: 1, // one\r\n  b: 2 // two\r\n}\r\n', 'b'],
  ])('never lets a comment swallow what follows: %s without %s', async (source, path) => {
    const result = await applyEdits(source, [drop(path)]);
    expect(result.commentsKept).toBe(true);
    expect(JSON5.parse(result.text)).toEqual(editValue(JSON5.parse(source), [drop(path)]));
  });

  it.each([
    '{ a: +.5 /* half */ }',
    '{ null: 1, /* c */ true: 2 }',
    '\uFEFF{ a: 1 /* c */ }',
    "{ '__proto__': 1 /* c */ }",
  ])('edits spellings that the parser refuses: %s', async (source) => {
    const result = await applyEdits(source, [set('x', 1)]);
    expect(result.commentsKept).toBe(true);
    expect(commentSpans(result.text)).toHaveLength(commentSpans(source).length);
  });

  it('writes the text anew, and says so, when an edit in place would not mean the same', async () => {
    // JSON has no way to write a date; what is read back differs from what was meant.
    const result = await applyEdits('{ a: 1 /* c */ }', [set('a', new Date(0))]);
    expect(result.commentsKept).toBe(false);
    expect(JSON.parse(result.text)).toEqual({ a: '1970-01-01T00:00:00.000Z' });
  });

  it('does nothing for what is not there', async () => {
    expect((await applyEdits(FILE, [drop('nope.x'), drop('agents.list.7'), drop('agents.list.7.id')])).text).toBe(FILE);
  });

  it('refuses a text that is not JSON5', async () => {
    await expect(applyEdits('{', [])).rejects.toThrow(SyntaxError);
  });
});
