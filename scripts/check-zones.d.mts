export interface ZoneBreak {
  rule: string;
  comment: string;
  from: string;
  to: string;
  /** The files of the circle, for rule no-cycle. */
  cycle: string[];
}

/** Cruises the source folders under `baseDir`; breaks are sorted by file. */
export function findZoneBreaks(baseDir: string): Promise<{ modules: number; breaks: ZoneBreak[] }>;
