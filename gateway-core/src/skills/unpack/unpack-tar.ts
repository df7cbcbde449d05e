// Unpacks tar files, also packed with gzip or bzip2. The bytes are counted before they are read as entries.
import { once } from 'node:events';
import { createReadStream } from 'node:fs';
import { createGunzip } from 'node:zlib';
import type { ReadEntry } from 'tar';
import { AppError, errorMessage } from '../../shared/app-error.js';
import { outputOf } from '../../shared/spawn.js';
import type { ArchiveKind } from '../download-option.js';
import { refusedArchive } from './entry-name.js';
import type { ArchiveEntry, Unpacking } from './unpacking.js';

export interface TarSource {
  file: string;
  kind: Exclude<ArchiveKind, 'zip'>;
  /** Of the tar file itself, unpacked: entries, their heads and the gaps. */
  maxTarBytes: number;
  /** For bzip2. */
  env: Readonly<Record<string, string>>;
  signal: AbortSignal;
}

const GZIP = Buffer.from([0x1f, 0x8b]);
const ZSTD = Buffer.from([0x28, 0xb5, 0x2f, 0xfd]);
const FILES = new Set(['File', 'OldFile', 'ContiguousFile']);

async function* bunzip2({ file, env, signal }: TarSource): AsyncGenerator<Buffer> {
  try {
    yield* outputOf(['bzip2', '-dc', '--', file], { env, signal });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
    throw new AppError('skill.install_failed', {
      message: 'bzip2 is not on this computer, so the archive was not unpacked.',
      hint: 'Install bzip2 first, or install what the skill needs yourself.',
      cause: error,
    });
  }
}

async function* gunzip({ file }: TarSource): AsyncGenerator<Buffer> {
  const packed = createReadStream(file);
  const through = createGunzip();
  packed.on('error', (error) => through.destroy(error));
  packed.pipe(through);
  try {
    yield* through as AsyncIterable<Buffer>;
  } finally {
    packed.destroy();
    through.destroy();
  }
}

/** The reader would unpack it once more by itself, past the count of the bytes. */
function isPackedAgain(start: Buffer): boolean {
  return [GZIP, ZSTD].some((magic) => start.subarray(0, magic.length).equals(magic));
}

function tarBytes(source: TarSource): AsyncIterable<Buffer> {
  if (source.kind === 'tar.bz2') return bunzip2(source);
  return source.kind === 'tar.gz' ? gunzip(source) : (createReadStream(source.file) as AsyncIterable<Buffer>);
}

function asEntry({ path, type, size, mode = 0 }: ReadEntry): ArchiveEntry {
  const kind = FILES.has(type) && !path.endsWith('/') ? 'file' : type === 'Directory' ? 'folder' : 'other';
  return { name: path, kind, size, isProgram: (mode & 0o111) !== 0 };
}

/** The entries of one tar file, one after the other. */
class TarReading {
  /** Rejects with the first thing that went wrong. */
  readonly failed: Promise<never>;
  #fail: (error: unknown) => void = () => undefined;
  #work: Promise<void> = Promise.resolve();
  #current: ReadEntry | undefined;

  constructor(private readonly unpacking: Unpacking) {
    this.failed = new Promise<never>((_resolve, reject) => (this.#fail = reject));
    // Raced by who feeds the parser; it may fail when nobody waits.
    this.failed.catch(() => undefined);
  }

  readonly take = (entry: ReadEntry): void => {
    this.#current = entry;
    // Who reads it hears of its errors.
    entry.on('error', () => undefined);
    this.#work = this.#work
      .then(() => this.unpacking.place(asEntry(entry), entry))
      // What a folder may have of contents is passed over.
      .then(() => void entry.resume());
    this.#work.catch(this.fail);
  };

  readonly fail = (error: unknown): void => this.#fail(error);

  done(): Promise<void> {
    return Promise.race([this.#work, this.failed]);
  }

  /** Lets go of the file that is being written. */
  async cutOff(error: unknown): Promise<void> {
    this.#current?.destroy(error);
    await this.#work.catch(() => undefined);
  }
}

/** Throws AppError skill.install_refused for an archive that is not as it should be. */
export async function unpackTar(source: TarSource, unpacking: Unpacking): Promise<void> {
  const { Parser } = await import('tar');
  const reading = new TarReading(unpacking);
  const parser = new Parser({ strict: true, onReadEntry: reading.take });
  parser.on('error', (error: unknown) => reading.fail(refusedArchive('it cannot be read', errorMessage(error))));
  const ended = new Promise<void>((resolve) => parser.once('end', () => resolve()));
  let total = 0;
  try {
    for await (const chunk of tarBytes(source)) {
      source.signal.throwIfAborted();
      if (total === 0 && isPackedAgain(chunk)) throw refusedArchive('it is packed in a way that its name does not say');
      total += chunk.length;
      if (total > source.maxTarBytes) throw refusedArchive('it is too large');
      if (!parser.write(chunk)) await Promise.race([once(parser, 'drain'), reading.failed]);
    }
    parser.end();
    await Promise.race([ended, reading.failed]);
    await reading.done();
  } catch (error) {
    await reading.cutOff(error);
    throw error;
  }
}
