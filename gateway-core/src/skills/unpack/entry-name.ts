// Pure: where an entry of an archive goes. An archive may come from anybody; one bad name refuses all of it.
import { AppError } from '../../shared/app-error.js';

const MAX_PARTS = 64;
const MAX_PART_BYTES = 255;
const MAX_SHOWN = 80;
/** Control characters, what Windows cannot have in a name, and what other systems read as a separator there. */
const FORBIDDEN = /[\\:*?"<>|\p{Cc}]/u;
const RESERVED = /^(con|prn|aux|nul|com\d|lpt\d)(\.|$)/i;

/** An archive that is not unpacked. `name` is shown in one short line. */
export function refusedArchive(why: string, name?: string): AppError {
  const shown = name === undefined ? '' : ` (${JSON.stringify(name.slice(0, MAX_SHOWN))})`;
  return new AppError('skill.install_refused', {
    message: `The archive was not unpacked: ${why}${shown}.`,
    hint: 'Nothing of it was installed. Tell whoever made the skill.',
  });
}

function isBadPart(part: string): boolean {
  const isOdd = FORBIDDEN.test(part) || RESERVED.test(part) || /[. ]$/.test(part);
  return part === '..' || isOdd || Buffer.byteLength(part) > MAX_PART_BYTES;
}

/**
 * The parts of the name below the target folder; empty for an entry that is left out because it has no more parts than
 * `strip`. Throws AppError skill.install_refused for a name that leads elsewhere.
 */
export function entryParts(name: string, strip: number): string[] {
  if (name.startsWith('/')) throw refusedArchive('a name in it begins at the root of the disk', name);
  const parts = name.split('/').filter((part) => part !== '' && part !== '.');
  if (parts.includes('..')) throw refusedArchive('a name in it leads out of its folder', name);
  if (parts.length > MAX_PARTS || parts.some(isBadPart)) {
    throw refusedArchive('a name in it cannot be used on every computer', name);
  }
  return parts.slice(strip);
}
