// Pure: does a program's path fit a pattern of the allowlist?
import path from 'node:path';

function toExpression(pattern: string, isCaseSensitive: boolean): RegExp {
  const source = pattern.replace(/\*{2,}\/?|\*|\?|[^*?]+/g, (part) => {
    if (part === '*') return '[^/]*';
    if (part === '?') return '[^/]';
    if (part.startsWith('**')) return part.endsWith('/') ? '(?:.*/)?' : '.*';
    return part.replace(/[.+^${}()|[\]\\]/g, '\\$&');
  });
  return new RegExp(`^${source}$`, isCaseSensitive ? 's' : 'is');
}

export interface PatternRules {
  /** Stands for `~`. */
  home: string;
  isCaseSensitive: boolean;
}

/**
 * `*` and `?` stay inside a folder, `**` goes through folders. A pattern without a folder fits nothing: a bare name
 * could be any program that somebody puts on the search path. A backslash is a letter like any other.
 */
export function fitsPattern(file: string, pattern: string, { home, isCaseSensitive }: PatternRules): boolean {
  const written = pattern.trim();
  const whole = written === '~' || written.startsWith('~/') ? `${home}${written.slice(1)}` : written;
  if (!whole.includes('/') || !path.isAbsolute(whole)) return false;
  return toExpression(whole, isCaseSensitive).test(file);
}
