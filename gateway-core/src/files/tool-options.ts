// What the tools of this room are made with.
import type { OpenClawConfig } from '../config/index.js';
import type { Workplace } from '../tools/index.js';
import type { PathLocks } from './path-locks.js';

/** A file from the web, already judged and bounded by whoever fetched it. */
export interface FetchedImage {
  data: Buffer;
  /** Address after redirects. */
  url: string;
}

export interface FileToolsOptions {
  /** The config as it is now. */
  config: () => OpenClawConfig;
  /**
   * Gets a picture from the web for `image`, through the guarded client of the web room. Rejects with AppError web.*.
   * Absent: `image` takes files only.
   */
  fetchImage?: (url: string, options: { maxBytes: number; signal: AbortSignal }) => Promise<FetchedImage>;
}

export interface FileToolsBase extends FileToolsOptions {
  locks: PathLocks;
}

/** The names under which paths of a workplace are locked. */
export function lockNames(workplace: Workplace, paths: readonly string[]): string[] {
  return paths.map((path) => `${workplace.kind}:${workplace.name ?? ''}:${path}`);
}

/** Why nothing can be written here; undefined when it can. */
export function readOnlyRefusal(workplace: Workplace): string | undefined {
  return workplace.isWritable ? undefined : 'The workspace is read-only for this conversation. Nothing was written.';
}
