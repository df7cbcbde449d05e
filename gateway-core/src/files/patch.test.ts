import { describe, expect, it } from 'vitest';
import { parsePatch, type PatchChunk } from './patch-grammar.js';
import { patchText } from './patch-text.js';

const wrap = (...lines: string[]): string => ['*** Begin Patch', ...lines, '*** End Patch'].join('\n');

function chunksOf(...lines: string[]): PatchChunk[] {
  const parsed = parsePatch(wrap('*** Update File: f', ...lines));
  if (!parsed.ok) throw new Error(parsed.reason);
  const [step] = parsed.steps;
  return step?.kind === 'update' ? step.chunks : [];
}

function patched(text: string, ...lines: string[]): string {
  const result = patchText(text, chunksOf(...lines));
  return result.ok ? result.text : `refused: ${result.reason}`;
}

describe('reading a patch', () => {
  it('reads adding, deleting, updating and moving', () => {
    const input = wrap(
      '*** Add File: new.txt',
      '+one',
      '+',
      '*** Delete File: old.txt',
      '*** Update File: a.txt',
      '*** Move to: b.txt',
      '@@ class A',
      '@@   run()',
      '-x',
      '+y',
      '*** End of File',
    );
    expect(parsePatch(input)).toEqual({
      ok: true,
      steps: [
        { kind: 'add', path: 'new.txt', lines: ['one', ''] },
        { kind: 'delete', path: 'old.txt' },
        {
          kind: 'update',
          path: 'a.txt',
          moveTo: 'b.txt',
          chunks: [{ contexts: ['class A', '  run()'], before: ['x'], after: ['y'], isAtEnd: true }],
        },
      ],
    });
  });

  it.each([
    ['a shell wrapping', `apply_patch <<'EOF'\n${wrap('*** Delete File: a')}\nEOF\n`],
    ['windows line ends', wrap('*** Delete File: a').replaceAll('\n', '\r\n')],
    ['blank lines between parts', wrap('', '*** Delete File: a', '', '')],
  ])('forgives %s', (_name, input) => {
    expect(parsePatch(input)).toEqual({ ok: true, steps: [{ kind: 'delete', path: 'a' }] });
  });

  it.each([
    ['no beginning', '*** Delete File: a\n*** End Patch', /does not start/],
    ['no end', '*** Begin Patch\n*** Delete File: a', /does not end/],
    ['nothing in it', wrap(''), /names no file/],
    ['a part without a header', wrap('hello'), /line 2: a part starts with/],
    ['a path that is missing', wrap('*** Delete File:  '), /line 2: the path is missing/],
    ['an update without changes', wrap('*** Update File: a'), /no change for a/],
    [
      'a line that is neither kept nor changed',
      wrap('*** Update File: a', '@@', '-x', 'y'),
      /line 5: a line of a change/,
    ],
    ['a place without a change', wrap('*** Update File: a', '@@ x'), /no change after/],
  ])('refuses %s', (_name, input, reason) => {
    const parsed = parsePatch(input);
    expect(parsed.ok ? 'accepted' : parsed.reason).toMatch(reason);
  });
});

describe('making a patch', () => {
  const text = 'class A\n  run()\n    old\n  end\nclass B\n  run()\n    old\n  end\n';

  it.each<[string, string, string[], string]>([
    ['the first place', 'a\nb\nc\n', [' a', '-b', '+B', ' c'], 'a\nB\nc\n'],
    ['the place after its context', text, ['@@ class B', '-    old', '+    new'], text.replace(/old(?!.*old)/s, 'new')],
    [
      'nested contexts',
      text,
      ['@@ class B', '@@   run()', '-    old', '+    new'],
      text.replace(/old(?!.*old)/s, 'new'),
    ],
    ['a context that is repeated', 'f()\n  x\n', ['@@ f()', ' f()', '-  x', '+  y'], 'f()\n  y\n'],
    ['several places in order', 'a\nx\nb\nx\n', ['@@', ' a', '-x', '+1', '@@', ' b', '-x', '+2'], 'a\n1\nb\n2\n'],
    ['lines added after a context', 'a\nb\n', ['@@ a', '+new'], 'a\nnew\nb\n'],
    ['lines added at the end', 'a\n', ['+b', '+c'], 'a\nb\nc\n'],
    ['lines added to a last line without an end', 'a', ['+b'], 'a\nb\n'],
    ['the end of the file first', 'x\na\nx\n', ['-x', '+y', '*** End of File'], 'x\na\ny\n'],
    ['a last line that keeps having no end', 'a\nb', [' a', '-b', '+c'], 'a\nc'],
    ['windows line ends', 'a\r\nb\r\n', ['-a', '+x', '+y'], 'x\r\ny\r\nb\r\n'],
    ['lines removed', 'a\nb\nc\n', ['-b'], 'a\nc\n'],
    ['an empty line without its space', 'a\n\nb\n', [' a', '', '-b', '+c'], 'a\n\nc\n'],
    ['line numbers of a unified diff', 'a\nb\n', ['@@ -1,2 +1,2 @@', '-a', '+x'], 'x\nb\n'],
  ])('changes %s', (_name, before, lines, after) => {
    expect(patched(before, ...lines)).toBe(after);
  });

  it('forgives spaces and quotes in the context without writing them into the file', () => {
    expect(patched('say “hi”  \nold\n', ' say "hi"', '-old', '+new')).toBe('say “hi”  \nnew\n');
    expect(patched('\tif x:\n\t\told\n', ' if x:', '-old', '+new')).toBe('\tif x:\nnew\n');
  });

  it('says which lines it did not find, and the most similar one', () => {
    expect(patched('const total = 1;\n', '-const totals = 1;', '+x')).toMatch(
      /not found:\nconst totals = 1;\nThe most similar line is 1: const total = 1;/,
    );
  });
});
