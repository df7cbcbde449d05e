import { describe, expect, it } from 'vitest';
import { type MarkdownBlock, splitBlocks } from './split-blocks.js';

function sketch(blocks: readonly MarkdownBlock[]): string[] {
  return blocks.map((block) =>
    block.kind === 'text' ? block.text : `${block.language}|${block.code}|${block.isOpen}`,
  );
}

describe('markdown blocks', () => {
  it.each<[string, string, string[]]>([
    ['paragraphs', 'a\nb\n\nc', ['a\nb', 'c']],
    ['several blank lines', 'a\n\n\n\nb', ['a', 'b']],
    ['a fence with its language', 'a\n```TS title="x"\nlet x;\n```\nb', ['a', 'ts|let x;|false', 'b']],
    ['a fence that is still open', '```\na\n\nb', ['|a\n\nb|true']],
    ['a fence of tildes around backticks', '~~~md\n```\nx\n```\n~~~', ['md|```\nx\n```|false']],
    ['a longer fence around a shorter one', '````\n```\n````', ['|```|false']],
    ['a list with blank lines stays whole', '- a\n\n- b\n\n  more\n\nend', ['- a\n\n- b\n\n  more', 'end']],
    [
      'a fence inside a list stays in the list',
      '1. a\n   ```js\n   x\n\n   y\n   ```\n2. b',
      ['1. a\n   ```js\n   x\n\n   y\n   ```\n2. b'],
    ],
    ['a table stays whole', '| a |\n|---|\n| b |\n\nend', ['| a |\n|---|\n| b |', 'end']],
    [
      'link definitions keep the text in one piece',
      'see [x]\n\n[x]: https://a.example',
      ['see [x]\n\n[x]: https://a.example'],
    ],
    ['nothing', '', []],
  ])('%s', (_, source, expected) => {
    expect(sketch(splitBlocks(source).blocks)).toEqual(expected);
  });

  it('gives the same result piece by piece as at once', () => {
    const source = 'Intro\n\n- a\n- b\n\n  c\n\n```js\nx\n\ny\n```\n\n> q\n\n1. one\n   ```\n   z\n   ```\n\nend\n';
    let result = splitBlocks('');
    for (let length = 1; length <= source.length; length += 1) result = splitBlocks(source.slice(0, length), result);
    expect(sketch(result.blocks)).toEqual(sketch(splitBlocks(source).blocks));
  });

  it('keeps finished blocks as they are while text is added', () => {
    const first = splitBlocks('a\n\nb');
    const second = splitBlocks('a\n\nb c', first);
    expect(second.blocks[0]).toBe(first.blocks[0]);
  });

  it('starts anew when the text was replaced', () => {
    expect(sketch(splitBlocks('other', splitBlocks('a\n\nb')).blocks)).toEqual(['other']);
  });
});
