// Makes readable text of a page. Runs in a worker only: a hostile page can take all its time and memory.
import { Readability } from '@mozilla/readability';
import { parseHTML } from 'linkedom';
import TurndownService from 'turndown';
import { plainText } from './plain-text.js';

export interface ExtractRequest {
  html: string;
  /** Address of the page, for links. */
  url: string;
  /** `plain` needs little time and memory, and finds neither article nor title. */
  mode: 'markdown' | 'text' | 'plain';
  /** False takes the whole page instead of its article. */
  readability: boolean;
}

export interface ExtractedPage {
  title: string;
  text: string;
  /** How the text was made: of the article that was found, of the whole page, or only by leaving out tags. */
  via: 'article' | 'page' | 'plain';
}

/** What is used of the DOM; this code runs where the types of browsers are not known. */
interface PageElement {
  textContent: string | null;
  getAttribute(name: string): string | null;
  setAttribute(name: string, value: string): void;
  removeAttribute(name: string): void;
  remove(): void;
}

interface PageDocument {
  body: PageElement;
  querySelector(selector: string): PageElement | null;
  querySelectorAll(selector: string): Iterable<PageElement>;
}

const UNSEEN =
  'script,style,noscript,template,iframe,object,embed,svg,canvas,form input,select,textarea,[hidden],[aria-hidden="true"]';
/** Ways to hide text from people that a model would still read. */
const HIDING = /display\s*:\s*none|visibility\s*:\s*hidden|opacity\s*:\s*0(?![.\d])|font-size\s*:\s*0(?![.\d])/i;
/** Larger pages take longer to lay out than anybody waits; half of the tags close an element. */
const MAX_ELEMENTS = 60_000;
const MAX_TAGS = 2 * MAX_ELEMENTS;
const SHORT_ARTICLE = 200;

function hasTooManyTags(html: string): boolean {
  let tags = 0;
  for (let at = html.indexOf('<'); at >= 0 && tags <= MAX_TAGS; at = html.indexOf('<', at + 1)) tags += 1;
  return tags > MAX_TAGS;
}

function absolute(link: string, base: string): string | undefined {
  if (!URL.canParse(link, base)) return undefined;
  const { href, protocol } = new URL(link, base);
  return ['http:', 'https:', 'mailto:'].includes(protocol) ? href : undefined;
}

/** HTML lets a page leave out html, head and body; the parser here does not add them. */
function withBody(html: string): string {
  const start = html.slice(0, 100_000);
  if (/<html[\s>]/i.test(start) && /<body[\s>]/i.test(start)) return html;
  const inside = html.replace(/<!doctype[^>]*>|<\/?(?:html|head|body)(?:\s[^>]*)?>/gi, '');
  return `<!doctype html><html><head></head><body>${inside}</body></html>`;
}

function pageOf({ html, url }: ExtractRequest): PageDocument {
  const page = parseHTML(withBody(html));
  const document = page.document as unknown as PageDocument;
  for (const element of document.querySelectorAll(UNSEEN)) element.remove();
  for (const element of document.querySelectorAll('[style]')) {
    if (HIDING.test(element.getAttribute('style') ?? '')) element.remove();
  }
  for (const [selector, attribute] of [
    ['a[href]', 'href'],
    ['img[src]', 'src'],
  ] as const) {
    for (const element of document.querySelectorAll(selector)) {
      const link = absolute(element.getAttribute(attribute) ?? '', url);
      if (link === undefined) element.removeAttribute(attribute);
      else element.setAttribute(attribute, link);
    }
  }
  return document;
}

function markdownMaker(mode: ExtractRequest['mode']): TurndownService {
  const service = new TurndownService({ headingStyle: 'atx', codeBlockStyle: 'fenced', bulletListMarker: '-' });
  service.addRule('cells', {
    filter: ['td', 'th'],
    replacement: (content) => `${content.trim().replace(/\s+/g, ' ')} | `,
  });
  service.addRule('rows', { filter: 'tr', replacement: (content) => `| ${content.trim()}\n` });
  service.addRule('pictures', {
    filter: 'img',
    replacement: (_content, node) => (node as unknown as PageElement).getAttribute('alt')?.trim() ?? '',
  });
  if (mode === 'text') {
    service.addRule('links', { filter: 'a', replacement: (content) => content });
    service.addRule('emphasis', { filter: ['em', 'strong', 'b', 'i', 'code'], replacement: (content) => content });
    service.addRule('headings', {
      filter: ['h1', 'h2', 'h3', 'h4', 'h5', 'h6'],
      replacement: (content) => `\n\n${content}\n\n`,
    });
    // Nothing is markup in plain text, so nothing is escaped.
    service.escape = (text) => text;
  }
  return service;
}

function tidy(text: string): string {
  return text
    .replace(/[^\S\n]+\n/g, '\n')
    .replace(/\n{3,}/g, '\n\n')
    .trim();
}

function article(request: ExtractRequest): { title: string; content: PageElement } | undefined {
  if (!request.readability) return undefined;
  const document = pageOf(request);
  const reader = new Readability<PageElement>(document as never, {
    maxElemsToParse: MAX_ELEMENTS,
    charThreshold: SHORT_ARTICLE,
    serializer: (element) => element as unknown as PageElement,
  });
  const found = reader.parse();
  if (!found?.content || (found.length ?? 0) < SHORT_ARTICLE) return undefined;
  return { title: found.title ?? '', content: found.content };
}

/** Readable text of a page: its article when there is one, else all of it. Throws on pages that are too large. */
export function extractPage(request: ExtractRequest): ExtractedPage {
  if (request.mode === 'plain' || hasTooManyTags(request.html))
    return { title: '', text: plainText(request.html), via: 'plain' };
  const service = markdownMaker(request.mode);
  const found = article(request);
  if (found) {
    return { title: found.title, text: tidy(service.turndown(found.content as never)), via: 'article' };
  }
  // Readability takes its document apart, so the page is read anew.
  const document = pageOf(request);
  const heading = document.querySelector('title');
  const title = heading?.textContent?.trim() ?? '';
  heading?.remove();
  return { title, text: tidy(service.turndown(document.body as never)), via: 'page' };
}
