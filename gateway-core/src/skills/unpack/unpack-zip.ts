// Unpacks zip files, entry by entry.
import type { Readable } from 'node:stream';
import type { Entry, ZipFile } from 'yauzl';
import { refusedArchive } from './entry-name.js';
import type { ArchiveEntry, Unpacking } from './unpacking.js';

const TYPE_MASK = 0o170000;
const FOLDER = 0o040000;
const FILE = 0o100000;
/** The half byte of `versionMadeBy` that says who wrote the attributes. */
const UNIX = 3;

function asEntry({ fileName, uncompressedSize, externalFileAttributes, versionMadeBy }: Entry): ArchiveEntry {
  const mode = versionMadeBy >>> 8 === UNIX ? externalFileAttributes >>> 16 : 0;
  const type = mode & TYPE_MASK;
  const isFolder = fileName.endsWith('/');
  const isAsNamed = type === 0 || type === (isFolder ? FOLDER : FILE);
  return {
    name: fileName,
    kind: isAsNamed ? (isFolder ? 'folder' : 'file') : 'other',
    size: uncompressedSize,
    isProgram: (mode & 0o111) !== 0,
  };
}

const NOTHING: AsyncIterable<Uint8Array> = {
  async *[Symbol.asyncIterator]() {
    // A folder has no contents.
  },
};

async function contentsOf(zip: ZipFile, entry: Entry, kind: ArchiveEntry['kind']): Promise<AsyncIterable<Uint8Array>> {
  if (kind !== 'file') return NOTHING;
  if ((entry.generalPurposeBitFlag & 1) !== 0) throw refusedArchive('it asks for a password');
  return new Promise<Readable>((resolve, reject) => {
    zip.openReadStream(entry, (error, stream) => {
      if (stream) resolve(stream);
      else reject(error ?? new Error('the entry has no contents'));
    });
  });
}

async function openZip(file: string): Promise<ZipFile> {
  const { open } = await import('yauzl');
  return new Promise((resolve, reject) => {
    open(file, { lazyEntries: true, strictFileNames: true, validateEntrySizes: true }, (error, zip) => {
      if (zip) resolve(zip);
      else reject(error ?? new Error('there is no zip file'));
    });
  });
}

/** Throws AppError skill.install_refused, and Errors of the reader for an archive that is broken. */
export async function unpackZip(file: string, unpacking: Unpacking): Promise<void> {
  const zip = await openZip(file);
  try {
    await new Promise<void>((resolve, reject) => {
      zip.on('error', reject);
      zip.on('end', () => resolve());
      zip.on('entry', (found) => {
        const entry = asEntry(found);
        contentsOf(zip, found, entry.kind)
          .then((contents) => unpacking.place(entry, contents))
          .then(() => zip.readEntry(), reject);
      });
      zip.readEntry();
    });
  } finally {
    zip.close();
  }
}
