import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { type Clock, systemClock } from '../shared/clock.js';
import { createLogHub, silentLogger } from '../shared/logger.js';
import type { ExtractedPage, ExtractRequest } from './extract-page.js';
import { createExtractor, type Extractor } from './extractor.js';
import { type BundledWorker, bundleWorker } from './testing/bundle-worker.js';

let worker: BundledWorker;
let extractor: Extractor | undefined;
const signal = new AbortController().signal;

beforeAll(async () => (worker = await bundleWorker()));
afterAll(() => worker.remove());
afterEach(() => extractor?.stop());

function extract(html: string, request: Partial<ExtractRequest> = {}, limits: object = {}) {
  extractor = createExtractor({
    clock: systemClock,
    log: silentLogger,
    workerFile: worker.file,
    timeoutMs: 60_000,
    ...limits,
  });
  const all = { html, url: 'https://example.com/dir/page', mode: 'markdown', readability: true, ...request } as const;
  return extractor.extract(all, signal);
}

const PARAGRAPH = 'The tide tables of the northern harbour were printed each winter, and sailors trusted them. ';
const ARTICLE = `<html><head><title>Tides</title></head><body>
  <nav><a href="/home">Home</a> <a href="/shop">Shop</a></nav>
  <article><h1>Tides</h1>
    ${`<p>${PARAGRAPH.repeat(4)}<a href="../map">map</a></p>`.repeat(4)}
    <pre><code>low = 1</code></pre>
    <ul><li>one</li><li>two</li></ul>
    <table><tr><th>Day</th><th>High</th></tr><tr><td>1</td><td>5 m</td></tr></table>
    <p style="display:none">SECRET ORDER one</p><p hidden>SECRET ORDER two</p>
    <script>document.title = 'evil'</script><p><a href="javascript:alert(1)">click</a></p>
  </article><footer>All rights reserved</footer></body></html>`;

describe('reading a page in a worker', () => {
  it('finds the article and writes it as Markdown with full links', async () => {
    const page = await extract(ARTICLE);
    expect(page).toMatchObject({ title: 'Tides', via: 'article' });
    expect(page?.text).toContain('[map](https://example.com/map)');
    expect(page?.text).toContain('low = 1');
    expect(page?.text).toMatch(/-\s+one\n-\s+two/);
    expect(page?.text).toContain('| Day | High |');
    expect(page?.text).toContain('| 1 | 5 m |');
    expect(page?.text).not.toMatch(/Shop|All rights|evil|javascript:/);
  });

  it('leaves out text that people cannot see', async () => {
    expect((await extract(ARTICLE))?.text).not.toContain('SECRET ORDER');
    expect((await extract(ARTICLE, { readability: false }))?.text).not.toContain('SECRET ORDER');
  });

  it('writes plain text without markup', async () => {
    const page = await extract(ARTICLE, { mode: 'text' });
    expect(page?.text).toContain('trusted them. map');
    expect(page?.text).not.toMatch(/\]\(|\*\*|^#/m);
  });

  it('takes the whole page where there is no article', async () => {
    const page = await extract('<title>Short</title><p>Hello <b>you</b></p>');
    expect(page).toEqual({ title: 'Short', text: 'Hello **you**', via: 'page' });
  });

  it.each(['', '   ', '<', '<html>', '<p', 'just text', '\u0000', '<frameset><frame src=x></frameset>'])(
    'does not break on %j',
    async (html) => {
      expect((await extract(html))?.via).toBe('page');
    },
  );

  it.each([
    '<!doctype html><title>Guests</title><h1>Guest book</h1><p>Sign here.',
    '<!doctype html><html><title>Guests</title><h1>Guest book</h1><p>Sign here.</p></html>',
    '<html lang="en"><head><title>Guests</title></head><h1>Guest book</h1><p>Sign here.</p></html>',
    '<!DOCTYPE html><meta charset="utf-8"><title>Guests</title><BODY class="a"><h1>Guest book</h1><p>Sign here.',
  ])('reads a page that leaves out tags which HTML does not ask for: %s', async (html) => {
    expect(await extract(html)).toMatchObject({ title: 'Guests', text: '# Guest book\n\nSign here.' });
  });

  it('does not run scripts, and has nothing of ours to show them', async () => {
    const page = await extract('<p id=a>x</p><script>process.exit(3)</script><img src=x onerror="process.exit(3)">');
    expect(page?.text).toBe('x');
  });
});

describe('pages that mean harm', () => {
  /** Turns of the event loop that happened while the page was read. */
  async function turnsDuring(work: Promise<unknown>): Promise<number> {
    let turns = 0;
    let isOver = false;
    const turn = (): void => {
      turns += 1;
      if (!isOver) setTimeout(turn, 5);
    };
    turn();
    await work;
    isOver = true;
    return turns;
  }

  /** The first limit is over after a moment, all later ones never. */
  function impatientOnce(): Clock {
    let timers = 0;
    const after: Clock['after'] = (_delayMs, run) => {
      timers += 1;
      return timers === 1 ? systemClock.after(500, run) : { cancel: () => undefined };
    };
    return { ...systemClock, after };
  }

  it.each([
    ['needs too much memory', '<div><p>x</p></div>'.repeat(29_000), { memoryMb: 24 }, /^x\s+x/],
    ['takes too long', `${'<table><tr><td><b><i><p>'.repeat(19_000)}y`, { clock: impatientOnce() }, /^y$/],
    ['is nested very deeply', `${'<div>'.repeat(100_000)}z`, { clock: impatientOnce() }, /^z$/],
  ])(
    'only leaves out the tags of a page that %s, and the gateway goes on meanwhile',
    async (_name, html, limits, text) => {
      let page: ExtractedPage | undefined;
      const turns = await turnsDuring(extract(html, {}, limits).then((result) => (page = result)));
      expect(page).toMatchObject({ via: 'plain', text: expect.stringMatching(text) });
      expect(turns).toBeGreaterThan(5);
    },
    90_000,
  );

  it('does not even try to lay out a page with very many tags', async () => {
    const failures: string[] = [];
    const hub = createLogHub();
    hub.addSink({ write: ({ message }) => void failures.push(message) });
    const page = await extract('<i>x</i>'.repeat(80_000), {}, { log: hub.logger('web') });
    expect(page).toMatchObject({ via: 'plain' });
    expect(failures).toEqual([]);
  }, 60_000);

  it('reads nothing of a page that is too much even for that', async () => {
    expect(await extract('<p>'.repeat(3_000_000), {}, { memoryMb: 8 })).toBeUndefined();
  }, 90_000);

  it('ends the worker when the run is stopped', async () => {
    extractor = createExtractor({ clock: systemClock, log: silentLogger, workerFile: worker.file });
    const stop = new AbortController();
    const html = `<body>${'<div><p>x</p></div>'.repeat(29_000)}`;
    const reading = extractor.extract(
      { html, url: 'https://a.example/', mode: 'text', readability: true },
      stop.signal,
    );
    setTimeout(() => stop.abort(new Error('stopped')), 100);
    await expect(reading).rejects.toThrow('stopped');
  });

  it('does not keep a run that is stopped waiting in line', async () => {
    const clock: Clock = { ...systemClock, after: () => ({ cancel: () => undefined }) };
    const folder = await mkdtemp(path.join(tmpdir(), 'openclaw-extract-'));
    const file = path.join(folder, 'endless.cjs');
    await writeFile(file, 'for (;;) {}');
    extractor = createExtractor({ clock, log: silentLogger, workerFile: pathToFileURL(file) });
    const all = { html: '<p>x</p>', url: 'https://example.com/', mode: 'markdown', readability: true } as const;
    const [busy, stop] = [new AbortController(), new AbortController()];
    const pages = [1, 2].map(() => extractor?.extract(all, busy.signal));
    const third = extractor.extract(all, stop.signal);
    stop.abort(new Error('enough'));
    await expect(third).rejects.toThrow('enough');
    busy.abort(new Error('over'));
    await Promise.allSettled(pages);
    await rm(folder, { recursive: true, force: true });
  });

  it('reads page after page, a few at a time', async () => {
    extractor = createExtractor({ clock: systemClock, log: silentLogger, workerFile: worker.file, timeoutMs: 60_000 });
    const pages = await Promise.all(
      [1, 2, 3, 4, 5].map((number) =>
        extractor?.extract(
          { html: `<p>page ${number}</p>`, url: 'https://a.example/', mode: 'text', readability: true },
          signal,
        ),
      ),
    );
    expect(pages.map((page) => page?.text)).toEqual(['page 1', 'page 2', 'page 3', 'page 4', 'page 5']);
  }, 60_000);

  it('leaves out the tags itself where the worker is missing', async () => {
    const page = await extract('<p>x</p>', {}, { workerFile: new URL('missing.cjs', worker.file) });
    expect(page).toEqual({ title: '', text: 'x', via: 'plain' });
  });
});
