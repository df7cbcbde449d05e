// Pure: the highlighter's markup → plain runs of text with one of our few colours.

export type TokenColour = 'keyword' | 'string' | 'number' | 'title' | 'comment';

export interface Token {
  text: string;
  colour?: TokenColour;
}

const COLOURS: Record<string, TokenColour> = {
  keyword: 'keyword',
  literal: 'keyword',
  built_in: 'keyword',
  type: 'title',
  'selector-tag': 'keyword',
  name: 'keyword',
  string: 'string',
  regexp: 'string',
  symbol: 'string',
  addition: 'string',
  char: 'string',
  'template-variable': 'string',
  number: 'number',
  variable: 'number',
  deletion: 'number',
  title: 'title',
  section: 'title',
  attr: 'title',
  attribute: 'title',
  property: 'title',
  'selector-class': 'title',
  'selector-id': 'title',
  comment: 'comment',
  quote: 'comment',
  meta: 'comment',
};

const ENTITIES: Record<string, string> = { '&amp;': '&', '&lt;': '<', '&gt;': '>', '&quot;': '"', '&#x27;': "'" };

function unescape(text: string): string {
  return text.replace(/&(amp|lt|gt|quot|#x27);/g, (entity) => ENTITIES[entity] ?? entity);
}

function colourOf(tag: string): TokenColour | undefined {
  const name = /hljs-([\w-]+)/.exec(tag)?.[1];
  return name === undefined ? undefined : COLOURS[name];
}

/** Nested spans become flat runs; the innermost known colour wins. */
export function flattenMarkup(markup: string): Token[] {
  const tokens: Token[] = [];
  const stack: Array<TokenColour | undefined> = [];
  for (const piece of markup.split(/(<[^>]*>)/)) {
    if (piece.startsWith('</')) stack.pop();
    else if (piece.startsWith('<')) stack.push(colourOf(piece) ?? stack.at(-1));
    else if (piece !== '') tokens.push({ text: unescape(piece), colour: stack.at(-1) });
  }
  return tokens;
}
