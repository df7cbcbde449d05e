// Finds the skills of a workspace, of this computer and of the product, the nearer one first.
import path from 'node:path';
import { expandHome, type OpenClawConfig } from '../config/index.js';
import { type FolderFault, type FolderRoot, MarkedFolders } from '../shared/marked-folders.js';
import type { Skill, SkillSource } from './gate.js';
import { parseSkillFile, type SkillFile } from './skill-file.js';

export interface SkillPlaces {
  home: string;
  managedDir: string;
  /** The product's own skills; absent for none. */
  bundledDir?: string;
}

/** What was found at one moment. */
export interface SkillSnapshot {
  /** In the order of precedence; one for each name. */
  skills: readonly Skill[];
  faults: readonly FolderFault[];
}

const DEFAULTS = { candidates: 300, perSource: 200, fileBytes: 262_144 } as const;
const MARKER = 'SKILL.md';

interface Root extends FolderRoot {
  source: SkillSource;
}

/** Pure: where skills are looked for, in the order of precedence. */
export function skillRoots(config: OpenClawConfig, places: SkillPlaces, workspaceDir: string): Root[] {
  const { load = {}, limits = {} } = config.skills ?? {};
  const absolute = (folders: readonly string[] = []) =>
    folders.map((folder) => expandHome(folder, places.home)).filter((folder) => path.isAbsolute(folder));
  const shared = {
    alsoAllowed: absolute(load.allowSymlinkTargets),
    maxFolders: limits.maxCandidatesPerRoot ?? DEFAULTS.candidates,
    maxBytes: limits.maxSkillFileBytes ?? DEFAULTS.fileBytes,
  };
  const root = (source: SkillSource, dir: string): Root => ({ source, dir, ...shared });
  return [
    { ...root('openclaw-workspace', path.join(workspaceDir, 'skills')), within: workspaceDir },
    root('openclaw-managed', places.managedDir),
    ...(places.bundledDir === undefined ? [] : [root('openclaw-bundled', places.bundledDir)]),
    ...absolute(load.extraDirs).map((dir) => root('openclaw-extra', dir)),
  ];
}

/** Reads skills; what did not change is not read again. */
export class SkillFinder {
  readonly #folders = new MarkedFolders<SkillFile>(MARKER, parseSkillFile);

  constructor(private readonly places: SkillPlaces) {}

  async find(config: OpenClawConfig, workspaceDir: string): Promise<SkillSnapshot> {
    const roots = skillRoots(config, this.places, workspaceDir);
    const found = await Promise.all(roots.map((root) => this.#folders.find(root)));
    const perSource = config.skills?.limits?.maxSkillsLoadedPerSource ?? DEFAULTS.perSource;
    const byName = new Map<string, Skill>();
    for (const [index, { source }] of roots.entries()) {
      for (const { value, file, dir } of found[index]?.folders.slice(0, perSource) ?? []) {
        if (!byName.has(value.name)) byName.set(value.name, { ...value, source, filePath: file, baseDir: dir });
      }
    }
    return { skills: [...byName.values()], faults: found.flatMap(({ faults }) => faults) };
  }
}
