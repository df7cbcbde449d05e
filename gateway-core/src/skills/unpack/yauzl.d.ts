// The part of yauzl that is used here; the package brings no types.
declare module 'yauzl' {
  import type { EventEmitter } from 'node:events';
  import type { Readable } from 'node:stream';

  export interface Entry {
    fileName: string;
    uncompressedSize: number;
    externalFileAttributes: number;
    versionMadeBy: number;
    generalPurposeBitFlag: number;
  }

  export interface ZipFile extends EventEmitter<{ entry: [Entry]; end: []; error: [Error] }> {
    readEntry(): void;
    openReadStream(entry: Entry, done: (error: Error | null, stream?: Readable) => void): void;
    close(): void;
  }

  export interface OpenOptions {
    lazyEntries: boolean;
    strictFileNames: boolean;
    validateEntrySizes: boolean;
  }

  export function open(file: string, options: OpenOptions, done: (error: Error | null, zip?: ZipFile) => void): void;
}
