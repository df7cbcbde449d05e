// Colours code off the main thread.
import hljs from 'highlight.js/lib/common';
import { flattenMarkup } from './highlight-tokens.js';
import type { HighlightAnswer, HighlightRequest } from './highlighter.js';

function highlight({ id, code, language }: HighlightRequest): HighlightAnswer {
  if (!hljs.getLanguage(language)) return { id };
  return { id, tokens: flattenMarkup(hljs.highlight(code, { language, ignoreIllegals: true }).value) };
}

self.addEventListener('message', (event: MessageEvent<HighlightRequest>) => self.postMessage(highlight(event.data)));
