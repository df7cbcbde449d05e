import { expect, it } from 'vitest';
import { pickQuote, showQuote } from './quote.js';

it('joins lines that were only broken to fit a column', () => {
  expect(showQuote('one line\nthat goes on\n\nand another')).toBe('> one line that goes on\n>\n> and another');
});

it('keeps lists, tables and code as they are', () => {
  const text = '- one\n  goes on\n- two\n\n| a | b |\n| - | - |\n\n```sh\nx\ny\n```\nafter';
  expect(showQuote(text)).toBe(
    '> - one goes on\n> - two\n>\n> | a | b |\n> | - | - |\n>\n> ```sh\n> x\n> y\n> ```\n> after',
  );
});

it('closes a fence that the quote cuts, and disarms images', () => {
  expect(showQuote('```\ncode')).toBe('> ```\n> code\n> ```');
  expect(showQuote('![x](http://example.invalid/y.png)')).toBe('> \\![x](http://example.invalid/y.png)');
});

it('quotes the paragraph with the most of the asked words', () => {
  expect(pickQuote('about cats\n\nports and port numbers\n\nmore', ['port', 'numbers'])).toContain('port numbers');
});
