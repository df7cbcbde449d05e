// Checks who imports whom (.dependency-cruiser.cjs) and prints each break with the rule it breaks.
import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { cruise } from 'dependency-cruiser';

const require = createRequire(import.meta.url);
const ROOT = path.dirname(path.dirname(fileURLToPath(import.meta.url)));
const FOLDERS = ['gateway-core', 'electron', 'renderer', 'e2e', 'scripts'];

/**
 * Cruises the source folders under `baseDir`.
 * Returns `{ modules, breaks: [{ rule, comment, from, to, cycle }] }`, breaks sorted by file.
 */
export async function findZoneBreaks(baseDir) {
  const { forbidden, options } = require('../.dependency-cruiser.cjs');
  const folders = FOLDERS.filter((folder) => existsSync(path.join(baseDir, folder)));
  const { output } = await cruise(folders, { ...options, baseDir, validate: true, ruleSet: { forbidden } });
  const comments = new Map(forbidden.map((rule) => [rule.name, rule.comment]));
  const breaks = output.summary.violations.map((violation) => ({
    rule: violation.rule.name,
    comment: comments.get(violation.rule.name) ?? '',
    from: violation.from,
    to: violation.to,
    cycle: (violation.cycle ?? []).map((step) => step.name),
  }));
  return { modules: output.summary.totalCruised, breaks: breaks.sort((a, b) => a.from.localeCompare(b.from)) };
}

function describe({ rule, comment, from, to, cycle }) {
  const way = cycle.length > 0 ? cycle.join(' → ') : to;
  return `${from}\n  imports ${way}\n  rule ${rule}: ${comment}`;
}

async function main() {
  const { modules, breaks } = await findZoneBreaks(ROOT);
  for (const found of breaks) console.log(`${describe(found)}\n`);
  console.log(breaks.length === 0 ? `zones: ${modules} modules, no break` : `zones: ${breaks.length} breaks`);
  process.exitCode = breaks.length === 0 ? 0 : 1;
}

if (process.argv[1] && import.meta.url === pathToFileURL(process.argv[1]).href) await main();
