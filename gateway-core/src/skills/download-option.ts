// Pure: what an install option of kind `download` says about its file. What cannot be kept to is not offered.
import { type FrontMatterMap, type FrontMatterValue, shortLine } from '../shared/front-matter.js';

export type ArchiveKind = 'tar.gz' | 'tar.bz2' | 'tar' | 'zip';

export interface DownloadOption {
  /** Absent: the file is kept as it is. */
  archive?: ArchiveKind;
  /** Leading parts of the names in an archive that are left out. */
  stripComponents: number;
  /** Where it goes, below the skill's own tools folder; absent for that folder itself. */
  targetDir?: string;
  /** 64 lower-case hex digits that the file must have. */
  sha256?: string;
}

const ENDINGS: ReadonlyArray<[ending: RegExp, kind: ArchiveKind]> = [
  [/\.(tar\.gz|tgz)$/i, 'tar.gz'],
  [/\.(tar\.bz2|tbz2?)$/i, 'tar.bz2'],
  [/\.tar$/i, 'tar'],
  [/\.zip$/i, 'zip'],
];
const SHA256 = /^[0-9a-f]{64}$/;
/** Names one below the other; none leads up, and none is a drive. */
const FOLDERS = /^[\w][\w .+-]{0,99}(\/[\w][\w .+-]{0,99}){0,9}\/?$/;
const MAX_STRIP = 20;

const isAbsent = (value: FrontMatterValue | undefined): boolean => value === undefined || value === null;

function archiveOf(map: FrontMatterMap, address: string): ArchiveKind | undefined {
  const named = shortLine(map.archive, 20).toLowerCase();
  const name = named === '' ? new URL(address).pathname : `.${named.replace(/^\./, '')}`;
  return ENDINGS.find(([ending]) => ending.test(name))?.[1];
}

/** The facts of the option; undefined when one of them makes no sense. */
export function readDownload(map: FrontMatterMap, address: string): DownloadOption | undefined {
  if (!URL.canParse(address)) return undefined;
  const archive = archiveOf(map, address);
  const { extract, stripComponents = 0 } = map;
  if ((extract === true || !isAbsent(map.archive)) && !archive) return undefined;
  const isCount = typeof stripComponents === 'number' && Number.isInteger(stripComponents);
  if (!isCount || stripComponents < 0 || stripComponents > MAX_STRIP) return undefined;
  const targetDir = shortLine(map.targetDir, 500);
  if (!isAbsent(map.targetDir) && !FOLDERS.test(targetDir)) return undefined;
  const sha256 = shortLine(map.sha256, 80).toLowerCase();
  if (!isAbsent(map.sha256) && !SHA256.test(sha256)) return undefined;
  return {
    stripComponents,
    ...(archive && extract !== false && { archive }),
    ...(targetDir !== '' && { targetDir: targetDir.replace(/\/$/, '') }),
    ...(sha256 !== '' && { sha256 }),
  };
}
