// Loads the user's own modules that turn a webhook into a message.
import { realpath } from 'node:fs/promises';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import type { HookContext } from './template.js';

/** Fields that replace those of the mapping; null: nothing is to be done. */
export type Transform = (context: HookContext & { url: string }) => unknown;

export type LoadTransform = (
  module: string,
  exportName: string | undefined,
) => Promise<(context: HookContext) => unknown>;

type ImportModule = (url: string) => Promise<Record<string, unknown>>;

const importFile: ImportModule = (url) => import(/* @vite-ignore */ url) as Promise<Record<string, unknown>>;

/** Modules must lie in `folder`, links included. Rejects with an Error that says what is wrong with one. */
export function createLoadTransform(folder: string, url: string, importModule = importFile): LoadTransform {
  return async (module, exportName) => {
    const [root, file] = await Promise.all([realpath(folder), realpath(path.resolve(folder, module))]);
    if (!file.startsWith(root + path.sep)) throw new Error(`the transform ${module} is outside ${folder}`);
    const loaded = await importModule(pathToFileURL(file).href);
    const found = exportName === undefined ? (loaded.default ?? loaded.transform) : loaded[exportName];
    if (typeof found !== 'function') throw new Error(`the transform ${module} exports no function`);
    return (context) => (found as Transform)({ ...context, url });
  };
}
