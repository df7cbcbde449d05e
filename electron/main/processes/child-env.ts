// The environment of a child: the user's own, without what would change how the runtime behaves.

const DROPPED = new Set([
  'NODE_OPTIONS',
  'NODE_REPL_EXTERNAL_MODULE',
  'NODE_PATH',
  'NODE_DEBUG',
  'NODE_V8_COVERAGE',
  'CHROME_DESKTOP',
  'GDK_BACKEND',
  'ORIGINAL_XDG_CURRENT_DESKTOP',
]);

export function childEnv(env: NodeJS.ProcessEnv): Record<string, string> {
  const kept = Object.entries(env).filter(
    (entry): entry is [string, string] =>
      entry[1] !== undefined && !DROPPED.has(entry[0]) && !entry[0].startsWith('ELECTRON_'),
  );
  return Object.fromEntries(kept);
}
