// Entry of the worker thread: one page in, its text out. Bundled by itself, see `workers` in vite.config.ts.
import { parentPort, workerData } from 'node:worker_threads';
import { extractPage, type ExtractRequest } from './extract-page.js';

parentPort?.postMessage(extractPage(workerData as ExtractRequest));
