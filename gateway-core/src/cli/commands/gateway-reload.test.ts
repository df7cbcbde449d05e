import { expect, it } from 'vitest';
import { reloadSentence } from './gateway-reload.js';

it.each([
  [{ changed: [], restart: false }, 'The config has not changed.'],
  [{ changed: ['logging.level'], restart: false }, 'Taken over without a restart: logging.level'],
  [{ changed: ['gateway.port'], restart: true }, 'The gateway restarts to take over: gateway.port'],
])('%j is worded as %s', (result, sentence) => {
  expect(reloadSentence(result)).toBe(sentence);
});
