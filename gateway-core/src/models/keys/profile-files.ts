// The auth-profiles.json files of agents: read only, looked at no more often than every few seconds.
import { readFileSync, statSync } from 'node:fs';
import type { OpenClawConfig } from '../../config/index.js';
import { errorMessage } from '../../shared/app-error.js';
import type { Clock } from '../../shared/clock.js';
import type { Logger } from '../../shared/logger.js';
import { mergeProfiles, NO_PROFILES, parseProfiles, type StoredProfiles } from './key-sources.js';

export interface ProfileFilesDeps {
  /** Files of an agent, its own first, then what it inherits; of the default agent when none is named. */
  files: (agentId?: string) => readonly string[];
  config: () => OpenClawConfig;
  env: Readonly<Record<string, string | undefined>>;
  clock: Clock;
  log: Logger;
}

interface ReadFile {
  lookedAt: number;
  version: string;
  config: OpenClawConfig;
  profiles: StoredProfiles;
}

const LOOK_EVERY_MS = 3_000;

export class ProfileFiles {
  readonly #read = new Map<string, ReadFile>();
  readonly #merged = new Map<string, { parts: StoredProfiles[]; merged: StoredProfiles }>();

  constructor(private readonly deps: ProfileFilesDeps) {}

  /** The same object as long as nothing changed. Never throws: a file that cannot be read keeps its last content. */
  current(agentId?: string): StoredProfiles {
    const files = this.deps.files(agentId);
    const parts = files.map((file) => this.#look(file));
    if (parts.length < 2) return parts[0] ?? NO_PROFILES;
    const key = files.join('\n');
    const before = this.#merged.get(key);
    if (before && before.parts.every((part, at) => part === parts[at])) return before.merged;
    const merged = mergeProfiles(parts);
    this.#merged.set(key, { parts, merged });
    return merged;
  }

  #look(file: string): StoredProfiles {
    const now = this.deps.clock.now();
    const config = this.deps.config();
    const before = this.#read.get(file);
    // References in it are read with the config, so a new config asks for a new look.
    if (before?.config === config && now - before.lookedAt < LOOK_EVERY_MS) return before.profiles;
    const { version, profiles } = this.#readAnew(file, config, before);
    this.#read.set(file, { lookedAt: now, version, config, profiles });
    return profiles;
  }

  #readAnew(
    file: string,
    config: OpenClawConfig,
    before: ReadFile | undefined,
  ): Pick<ReadFile, 'version' | 'profiles'> {
    const { env, log } = this.deps;
    let version = before?.version ?? '';
    try {
      const facts = statSync(file, { throwIfNoEntry: false });
      version = facts ? `${facts.mtimeMs} ${facts.size} ${facts.ino}` : '';
      if (version === '') return { version, profiles: before?.version === '' ? before.profiles : NO_PROFILES };
      if (before && before.version === version && before.config === config) return before;
      const profiles = parseProfiles(JSON.parse(readFileSync(file, 'utf8')), config, env);
      for (const fault of profiles.faults) log.warn(`an auth profile is left out: ${fault}`, { file });
      return { version, profiles };
    } catch (error) {
      if (before?.version !== version) log.warn(`auth profiles cannot be read: ${errorMessage(error)}`, { file });
      return { version, profiles: before?.profiles ?? NO_PROFILES };
    }
  }
}
