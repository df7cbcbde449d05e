// Pure: the visible text of a page in one pass, for pages that cannot be laid out. Takes linear time on any input.

/** Elements whose content is not text for people. */
const UNSEEN = new Set([
  'script',
  'style',
  'noscript',
  'template',
  'svg',
  'head',
  'iframe',
  'object',
  'math',
  'textarea',
]);
const BLOCKS =
  /^(address|article|aside|blockquote|br|dd|div|dl|dt|figure|footer|form|h[1-6]|header|hr|li|main|nav|ol|p|pre|section|table|td|th|tr|ul)$/;

const ENTITIES: Readonly<Record<string, string>> = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'", nbsp: ' ' };

function entity(whole: string, name: string): string {
  if (!name.startsWith('#')) return ENTITIES[name.toLowerCase()] ?? whole;
  const isHex = name[1] === 'x' || name[1] === 'X';
  const code = Number.parseInt(name.slice(isHex ? 2 : 1), isHex ? 16 : 10);
  return code > 0 && code <= 0x10ffff ? String.fromCodePoint(code) : whole;
}

/** The place after the next `end`; the end of the text when there is none, which hides the rest. */
function after(lower: string, end: string, from: number): number {
  const at = lower.indexOf(end, from);
  return at < 0 ? lower.length : at + end.length;
}

/** Where reading goes on after the tag at `at`. */
function afterTag(lower: string, at: number, name: string): number {
  if (lower.startsWith('<!--', at)) return after(lower, '-->', at + 4);
  const close = after(lower, '>', at);
  return UNSEEN.has(name) ? after(lower, '>', after(lower, `</${name}`, close)) : close;
}

/** Text of a page without its tags; white space is tidied. */
export function plainText(html: string): string {
  // Tags are written in these letters, and their lower case is as long, so that positions match.
  const lower = html.replace(/[A-Z]+/g, (letters) => letters.toLowerCase());
  const parts: string[] = [];
  let at = 0;
  while (at < html.length) {
    const open = html.indexOf('<', at);
    if (open < 0) break;
    if (open > at) parts.push(html.slice(at, open));
    const name = /^<\/?([a-z][a-z0-9]{0,20})/.exec(lower.slice(open, open + 24))?.[1] ?? '';
    const isTag = name !== '' || lower[open + 1] === '!' || lower[open + 1] === '?' || lower[open + 1] === '/';
    if (BLOCKS.test(name) && parts.at(-1) !== '\n') parts.push('\n');
    if (!isTag) parts.push('<');
    at = isTag ? afterTag(lower, open, lower[open + 1] === '/' ? '' : name) : open + 1;
  }
  parts.push(html.slice(at));
  const text = parts.join('').replace(/&(#?[a-z0-9]{1,10});/gi, entity);
  return text
    .replace(/[^\S\n]+/g, ' ')
    .replace(/ ?\n ?/g, '\n')
    .replace(/\n{3,}/g, '\n\n')
    .trim();
}
