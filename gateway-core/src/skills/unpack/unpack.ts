// Unpacks a downloaded archive into a new folder; whatever is wrong with it, nothing outside is touched.
import { AppError, errorMessage, isAppError } from '../../shared/app-error.js';
import { ensureFolder } from '../../shared/json-file.js';
import type { ArchiveKind } from '../download-option.js';
import { refusedArchive } from './entry-name.js';
import { Unpacking, type UnpackLimits } from './unpacking.js';

export interface UnpackRequest {
  file: string;
  kind: ArchiveKind;
  /** Made here; it must not be there. */
  folder: string;
  /** Leading parts of names that are left out. */
  strip: number;
  limits?: Partial<UnpackLimits>;
  /** Environment of the program that reads bzip2. */
  env: Readonly<Record<string, string>>;
  signal: AbortSignal;
}

const MEGABYTE = 1_048_576;
export const UNPACK_LIMITS: UnpackLimits = {
  maxEntries: 20_000,
  maxFileBytes: 1024 * MEGABYTE,
  maxBytes: 2048 * MEGABYTE,
};
/** A tar file has a head and a gap for each entry, and long names have entries of their own. */
const HEAD_BYTES = 4_096;

async function unpackInto(unpacking: Unpacking, { kind, file, env, signal }: UnpackRequest, limits: UnpackLimits) {
  if (kind === 'zip') {
    const { unpackZip } = await import('./unpack-zip.js');
    return unpackZip(file, unpacking);
  }
  const { unpackTar } = await import('./unpack-tar.js');
  const maxTarBytes = limits.maxBytes + limits.maxEntries * HEAD_BYTES;
  return unpackTar({ file, kind, maxTarBytes, env, signal }, unpacking);
}

/**
 * How many files came out of it. Links, devices, names that lead out of the folder, names that come twice, and more
 * than the limits refuse all of it: AppError skill.install_refused; skill.install_failed without bzip2; the reason of
 * `signal`. What was written by then stays in `folder`.
 */
export async function unpack(request: UnpackRequest): Promise<number> {
  const { folder, strip, signal } = request;
  const limits = { ...UNPACK_LIMITS, ...request.limits };
  await ensureFolder(folder);
  const unpacking = new Unpacking(folder, { strip, limits, signal });
  try {
    await unpackInto(unpacking, request, limits);
  } catch (error) {
    signal.throwIfAborted();
    if (isAppError(error)) throw error;
    const { code } = error as NodeJS.ErrnoException;
    // The disk, not the archive.
    if (code === 'ENOSPC' || code === 'EACCES' || code === 'EMFILE') {
      throw new AppError('skill.install_failed', { message: errorMessage(error), cause: error });
    }
    throw refusedArchive('it cannot be read', errorMessage(error));
  }
  if (unpacking.files === 0) throw refusedArchive('there is no file in it, or none below the parts that are left out');
  return unpacking.files;
}
