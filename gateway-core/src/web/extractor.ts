// Starts the worker that makes text of pages, with limits on time, memory and number.
import { readFile } from 'node:fs/promises';
import { Worker } from 'node:worker_threads';
import { errorMessage } from '../shared/app-error.js';
import type { Clock } from '../shared/clock.js';
import type { Logger } from '../shared/logger.js';
import type { ExtractedPage, ExtractRequest } from './extract-page.js';
import { plainText } from './plain-text.js';

export interface ExtractorOptions {
  clock: Clock;
  log: Logger;
  /** The bundled worker; where the build puts it when absent. */
  workerFile?: URL;
  /** Default 10 s. */
  timeoutMs?: number;
  /** Default 256. */
  memoryMb?: number;
}

export interface Extractor {
  /**
   * Text of a page; as plain text when laying it out is too much, undefined when even that is. Rejects with the
   * signal's reason.
   */
  extract(request: ExtractRequest, signal: AbortSignal): Promise<ExtractedPage | undefined>;
  /** Ends every worker. */
  stop(): Promise<void>;
}

const DEFAULT_TIMEOUT_MS = 10_000;
const DEFAULT_MEMORY_MB = 256;
const MAX_WORKERS = 2;

/** Where a bundle of ours may lie, seen from the file that this code was bundled into. */
const PLACES = ['../workers/extract-worker.cjs', '../../workers/extract-worker.cjs'];

/** The code as text, because a worker cannot start from a file inside an Electron archive everywhere. */
async function workerCode(file: URL | undefined): Promise<string | undefined> {
  const places = file ? [file] : PLACES.map((place) => new URL(place, import.meta.url));
  for (const place of places) {
    try {
      return await readFile(place, 'utf8');
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      if (code !== 'ENOENT' && code !== 'ENOTDIR') throw error;
    }
  }
  return undefined;
}

/** At most so many at a time; the others wait in line, and leave it when their signal fires. */
function createSlots(count: number): <T>(work: () => Promise<T>, signal: AbortSignal) => Promise<T> {
  const waiting = new Set<() => void>();
  let free = count;
  const turn = (signal: AbortSignal): Promise<void> =>
    new Promise((resolve, reject) => {
      const leave = (): void => {
        waiting.delete(enter);
        reject(signal.reason as Error);
      };
      const enter = (): void => {
        signal.removeEventListener('abort', leave);
        waiting.delete(enter);
        resolve();
      };
      waiting.add(enter);
      signal.addEventListener('abort', leave, { once: true });
      if (signal.aborted) leave();
    });
  return async (work, signal) => {
    if (free > 0) free -= 1;
    else await turn(signal);
    try {
      return await work();
    } finally {
      const [next] = waiting;
      if (next) next();
      else free += 1;
    }
  };
}

function startWorker(code: string, request: ExtractRequest, memoryMb: number): Worker {
  return new Worker(code, {
    eval: true,
    workerData: request,
    // Nothing of ours is in there, should the page get out of its parser.
    env: {},
    execArgv: [],
    stdout: true,
    stderr: true,
    resourceLimits: { maxOldGenerationSizeMb: memoryMb, maxYoungGenerationSizeMb: 32, stackSizeMb: 4 },
  });
}

/** The page a worker makes, or why it made none; the worker is gone afterwards. */
function outcome(worker: Worker, clock: Clock, timeoutMs: number, signal: AbortSignal): Promise<ExtractedPage> {
  return new Promise<ExtractedPage>((resolve, reject) => {
    const timer = clock.after(timeoutMs, () => reject(new Error('it took too long')));
    const stop = (): void => reject(signal.reason as Error);
    signal.addEventListener('abort', stop, { once: true });
    worker.on('message', resolve);
    worker.on('error', reject);
    worker.on('exit', () => {
      timer.cancel();
      signal.removeEventListener('abort', stop);
      reject(new Error('it ended early'));
    });
  }).finally(() => worker.terminate());
}

/** Workers that were started and have not ended. */
function createWorkers(clock: Clock, timeoutMs: number, memoryMb: number) {
  const workers = new Set<Worker>();
  return {
    async run(source: string, request: ExtractRequest, signal: AbortSignal): Promise<ExtractedPage> {
      signal.throwIfAborted();
      const worker = startWorker(source, request, memoryMb);
      workers.add(worker);
      worker.once('exit', () => workers.delete(worker));
      return outcome(worker, clock, timeoutMs, signal);
    },
    stop: async (): Promise<void> => {
      await Promise.all([...workers].map((worker) => worker.terminate()));
    },
  };
}

/** Makes the extractor of one gateway. Nothing is started before the first page. */
export function createExtractor(options: ExtractorOptions): Extractor {
  const { clock, log, timeoutMs = DEFAULT_TIMEOUT_MS, memoryMb = DEFAULT_MEMORY_MB } = options;
  const slots = createSlots(MAX_WORKERS);
  const workers = createWorkers(clock, timeoutMs, memoryMb);
  let code: Promise<string | undefined> | undefined;

  async function loadCode(): Promise<string | undefined> {
    const source = await workerCode(options.workerFile);
    if (source === undefined) log.warn('The worker for web pages is missing here; pages are read as plain text.');
    return source;
  }

  async function attempt(source: string, request: ExtractRequest, signal: AbortSignal) {
    try {
      return await workers.run(source, request, signal);
    } catch (error) {
      signal.throwIfAborted();
      const { mode, html } = request;
      log.info('A web page could not be read this way.', { mode, reason: errorMessage(error), bytes: html.length });
      return undefined;
    }
  }

  async function extract(request: ExtractRequest, signal: AbortSignal): Promise<ExtractedPage | undefined> {
    code ??= loadCode();
    const source = await code;
    if (source === undefined) return { title: '', text: plainText(request.html), via: 'plain' };
    return (await attempt(source, request, signal)) ?? attempt(source, { ...request, mode: 'plain' }, signal);
  }

  return { extract: (request, signal) => slots(() => extract(request, signal), signal), stop: workers.stop };
}
